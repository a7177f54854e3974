"""Where the time of a gap went if the system shows no more of a thread than its CPU clock."""

from __future__ import annotations

import pytest

from neverblock.probe.attribution import Sample, attribute
from neverblock.probe.heartbeat import Gap, Reading
from neverblock.probe.thread_state import State

CODE, LOOP = (1,), ()
TICK_S = 1 / 64


def gap(*, cpu_s=0.0, process_cpu_s=None, length_s=0.1):
    """Give a gap of a thread of which nothing is counted but its CPU time."""
    used = cpu_s if process_cpu_s is None else process_cpu_s
    return Gap(
        before=Reading(10.0, 1.0, 0.0, -1, 2.0),
        after=Reading(10.0 + length_s, 1.0 + cpu_s, 0.0, -1, 2.0 + used),
        alive_s=10.0,
        late_s=10.0,
        overdue_s=10.0015,
    )


def sample(at_s, *, cpu_s=0.0, process_cpu_s=None, stack=CODE, due_s=None):
    """Give a sample some seconds into the gap, punctual unless told otherwise."""
    used = cpu_s if process_cpu_s is None else process_cpu_s
    due_s = at_s if due_s is None else due_s
    return Sample(10 + due_s, 10 + at_s, State.UNKNOWN, 1.0 + cpu_s, 0.0, -1, 2.0 + used, stack)


def every_10_ms(**rates):
    """Give nine samples; ``rates`` are seconds of a clock per second of time."""
    return [
        sample(0.01 * n, **{name: rate * 0.01 * n for name, rate in rates.items()})
        for n in range(1, 10)
    ]


def test_code_whose_thread_stands_still_waits():
    """And its stack carries it; no other thread computed, so that it waited for none."""
    parts = attribute(gap(), every_10_ms(), [])
    assert parts.off_cpu_s == pytest.approx(0.1, rel=0.1)
    assert parts.stacks == [(CODE, pytest.approx(parts.off_cpu_s), False, False)]
    assert parts.gil_s == parts.starved_s == parts.frozen_s == 0
    assert parts.unsure_s < 0.01  # the end, which no sample shows


def test_code_whose_thread_runs_computes():
    """What it had no core for is neither a wait nor anybody's."""
    parts = attribute(gap(cpu_s=0.08), every_10_ms(cpu_s=0.8), [])
    assert parts.on_cpu_s == pytest.approx(0.08)
    assert parts.off_cpu_s == parts.starved_s == 0
    assert parts.frozen_s == pytest.approx(0.02)


def test_a_late_loop_without_code_on_it_is_frozen_for_no_known_cause():
    """Neither the machine nor the GIL is accused, and neither is acquitted."""
    samples = [one._replace(stack=LOOP) for one in every_10_ms()]
    parts = attribute(gap(), samples, [])
    assert parts.frozen_s == pytest.approx(0.1)
    assert parts.off_cpu_s == parts.gil_s == parts.starved_s == 0
    assert parts.length_s == pytest.approx(0.1)


def test_without_a_sample_nothing_is_said_of_the_machine():
    """A kernel that counts would say that the thread had no core."""
    parts = attribute(gap(), [], [])
    assert parts.frozen_s == pytest.approx(0.1)
    assert parts.starved_s == parts.off_cpu_s == 0


def test_a_wait_while_other_threads_compute_may_be_one_for_the_gil():
    """For as long as they computed; the rest of it is sure."""
    samples = every_10_ms(process_cpu_s=0.3)
    parts = attribute(gap(process_cpu_s=0.03), samples, [])
    assert parts.off_cpu_s == pytest.approx(0.1, abs=0.01)
    assert parts.unsure_s == pytest.approx(0.03, abs=0.01)


def test_a_wait_that_was_seen_late_is_not_sure():
    """Whatever kept the watchdog may have kept the loop as well."""
    late = [sample(0.01), sample(0.09, due_s=0.011)]
    parts = attribute(gap(), late, [])
    assert parts.off_cpu_s > 0.09
    assert parts.unsure_s == pytest.approx(0.079, abs=0.01)


def test_a_clock_in_long_steps_moves_no_computing_into_a_wait():
    """Its step counts for the samples before it as well, and a wait is unsure by one step."""
    ticking = [sample(0.001 * n, cpu_s=(n // 16) * 0.016) for n in range(1, 100)]
    computed = attribute(gap(cpu_s=0.096), ticking, [], tick_s=TICK_S)
    assert computed.on_cpu_s == pytest.approx(0.096)
    assert computed.off_cpu_s - computed.unsure_s == pytest.approx(0.0, abs=1e-9)
    exact, waited = (attribute(gap(), every_10_ms(), [], tick_s=tick) for tick in (0.0, TICK_S))
    assert waited.unsure_s - exact.unsure_s == pytest.approx(TICK_S)
