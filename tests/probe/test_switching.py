"""How soon the watchdog gets the GIL: sooner where the loop computes, if samples allow that."""

from __future__ import annotations

import sys

import pytest
from needs import of_the_gil

from neverblock.probe.attribution import Sample
from neverblock.probe.switching import SHORT_S, Switching, computes
from neverblock.probe.thread_state import State


@pytest.fixture
def own_s():
    """Give the interval of this process, which is as before afterwards."""
    before_s = sys.getswitchinterval()
    yield before_s
    sys.setswitchinterval(before_s)


def sample(at_ms, cpu_ms, late_ms=1):
    """Give a sample of a loop thread that waits for the GIL, which the watchdog has."""
    at_s, cpu_s = at_ms / 1e3, cpu_ms / 1e3
    return Sample(at_s - late_ms / 1e3, at_s, State.GIL, cpu_s, 0.0, 0, cpu_s, ())


COMPUTING, WAITING = [sample(5, 5)], [sample(5, 0)]


@of_the_gil
def test_it_is_short_while_the_loop_computes(own_s):
    """Only then: others that want the GIL get it as fast meanwhile."""
    switching = Switching()
    switching.adapt(COMPUTING, 0.0)
    assert sys.getswitchinterval() == pytest.approx(SHORT_S)
    switching.adapt(WAITING, 0.0)
    assert sys.getswitchinterval() == pytest.approx(own_s)


def test_it_is_not_short_in_a_c_call_that_keeps_the_gil(own_s):
    """The watchdog has it at the end of that for a moment only, and must not be hurried."""
    Switching().adapt([sample(35, 35, late_ms=30)], 0.0)
    assert sys.getswitchinterval() == pytest.approx(own_s)


@of_the_gil
def test_it_grows_where_samples_are_interrupted_and_shrinks_where_they_are_kept(own_s):
    """A machine on which a sample takes longer needs a longer one, but never above the app's."""
    switching = Switching()
    short_s = []
    for interrupted in [True] * 8 + [False] * 200:
        switching.adapt(COMPUTING, 0.0)
        short_s.append(sys.getswitchinterval())
        if interrupted:
            switching.interrupted()
            assert sys.getswitchinterval() == pytest.approx(own_s)
    assert max(short_s) == pytest.approx(own_s, rel=0.05)
    assert short_s[-1] == pytest.approx(SHORT_S)
    assert short_s[:3] == pytest.approx([SHORT_S, 2 * SHORT_S, 4 * SHORT_S], rel=0.05)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([], False),
        ([sample(5, 1)], True),
        ([sample(5, 0.1)], False),
        # Two at once do not hide what was computed before them.
        ([sample(5, 1), sample(10, 6), sample(10.2, 6)], True),
        # What was computed long ago does not count.
        ([sample(5, 5), *(sample(10 * n, 5) for n in range(1, 12))], False),
    ],
)
def test_the_loop_computes_by_its_clock(samples, expected):
    """Whatever state it was seen in: at a sample it waits for the GIL that the watchdog has."""
    assert computes(samples, 0.0) is expected


def test_an_interval_that_the_app_set_meanwhile_is_kept(own_s):
    """The app's word is the last one."""
    switching = Switching()
    switching.adapt(COMPUTING, 0.0)
    sys.setswitchinterval(own_s * 2)
    switching.restore()
    assert sys.getswitchinterval() == pytest.approx(own_s * 2)
