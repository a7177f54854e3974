"""Where the time of a gap went, from canned clock readings and samples."""

from __future__ import annotations

import sys

import pytest

from neverblock.probe.attribution import Sample, attribute
from neverblock.probe.frames import Level
from neverblock.probe.heartbeat import Gap, Reading
from neverblock.probe.other_threads import GilHolder
from neverblock.probe.thread_state import State

WAIT, IDLE = (1,), ()


def gap(*, cpu_s=0.0, starved_s=0.0, process_cpu_s=None, length_s=0.1):
    """Give a gap that begins at 10 s, where the loop was alive and a beat due."""
    used = cpu_s if process_cpu_s is None else process_cpu_s
    return Gap(
        before=Reading(10.0, 1.0, 0.0, 7, 2.0),
        after=Reading(10.0 + length_s, 1.0 + cpu_s, starved_s, 9, 2.0 + used),
        alive_s=10.0,
        late_s=10.0,
        overdue_s=10.0015,
    )


def sample(at_s, state, *, cpu_s=0.0, process_cpu_s=None, stack=WAIT, due_s=None):
    """Give a punctual sample some seconds into the gap."""
    used = cpu_s if process_cpu_s is None else process_cpu_s
    due_s = at_s if due_s is None else due_s
    return Sample(
        10 + due_s, 10 + at_s, state, 1.0 + cpu_s, 0.0, 8, 2.0 + used, stack
    )  # fmt: skip


def test_a_blocked_thread_waits():
    """Time in a system call is off CPU, and its stack carries it."""
    parts = attribute(gap(), [sample(0.01 * n, State.BLOCKED) for n in range(1, 10)], [])
    assert parts.off_cpu_s == pytest.approx(0.1, rel=0.1)
    assert parts.stacks == [(WAIT, pytest.approx(parts.off_cpu_s), False, False)]
    assert parts.gil_s == 0


def test_what_no_request_ran_has_stacks_of_its_own():
    """The same line may be reached by a request and by a periodic task."""
    mine = [sample(0.01 * n, State.BLOCKED) for n in range(1, 6)]
    others = [sample(0.01 * n, State.BLOCKED)._replace(background=True) for n in range(6, 10)]
    parts = attribute(gap(), [*mine, *others], [])
    assert {(stack, background) for stack, _, _, background in parts.stacks} == {
        (WAIT, False),
        (WAIT, True),
    }
    assert sum(weight for _, weight, *_ in parts.stacks) == pytest.approx(parts.off_cpu_s)


def test_cpu_time_is_computing_whatever_the_state():
    """A thread that lost the GIL to the watchdog computed all the same."""
    samples = [sample(0.01 * n, State.GIL, cpu_s=0.01 * n) for n in range(1, 10)]
    parts = attribute(gap(cpu_s=0.1), samples, [], gc_s=0.04)
    assert parts.on_cpu_s == pytest.approx(0.1)
    assert parts.gil_s == pytest.approx(0)
    assert parts.gc_s == 0.04


def test_a_wait_for_a_core_that_was_sampled_is_counted_once():
    """The kernel adds it when it is over: 60 ms of CPU, and 40 without a core from 30 to 70 ms."""
    samples = [
        sample(0.03, State.RUNNING, cpu_s=0.03),
        sample(0.05, State.RUNNING, cpu_s=0.03),
        sample(0.08, State.RUNNING, cpu_s=0.04)._replace(starved_s=0.04),
    ]
    parts = attribute(gap(cpu_s=0.06, starved_s=0.04), samples, [])
    assert parts.on_cpu_s == pytest.approx(0.06)
    assert parts.starved_s == pytest.approx(0.04)
    assert parts.length_s == pytest.approx(0.1)


def test_only_a_runnable_thread_waits_for_a_core():
    """One that is blocked when it is sampled, and then waits for a core, does both."""
    blocked = sample(0.05, State.BLOCKED)
    parts = attribute(gap(starved_s=0.06), [blocked], [])
    assert parts.off_cpu_s == pytest.approx(0.05)


def test_without_a_sample_the_cpu_of_others_is_a_held_gil():
    """If no sample could be taken and other threads used the CPU, they held the GIL."""
    holder = GilHolder(1, 10.0015, 10.1, 0.09, [])
    parts = attribute(gap(process_cpu_s=0.095), [], [holder])
    assert parts.gil_s == pytest.approx(0.095)
    assert parts.gil_held_s == pytest.approx(0.09)
    assert parts.culprit is holder
    assert parts.off_cpu_s == 0


def test_the_culprit_is_one_whose_place_was_seen():
    """Of two threads, the one that had moved on has no stack to name."""
    went_on = GilHolder(1, 10.0015, 10.06, 0.05, [])
    stands = GilHolder(2, 10.06, 10.1, 0.03, [Level(sys._getframe(), 0)])
    parts = attribute(gap(process_cpu_s=0.095), [], [went_on, stands])
    assert parts.gil_held_s == pytest.approx(0.05)
    assert parts.culprit is stands


def test_without_a_sample_and_without_cpu_the_machine_took_the_core():
    """If no sample could be taken and no thread was on CPU, the time is starved."""
    parts = attribute(gap(), [], [])
    assert parts.starved_s == pytest.approx(0.1)
    assert parts.off_cpu_s == parts.gil_s == parts.gil_held_s == 0


def test_without_a_gil_no_thread_keeps_another_from_running():
    """What others computed meanwhile explains nothing: the machine took the core."""
    parts = attribute(gap(process_cpu_s=0.095), [], [], gil=False)
    assert parts.gil_s == parts.gil_held_s == 0
    assert parts.starved_s == pytest.approx(0.1)


def test_many_threads_sharing_the_gil_are_no_long_hold():
    """The longest hold is what a single thread used, not what the watchdog came late by."""
    late = sample(0.09, State.GIL, process_cpu_s=0.09, due_s=0.01)
    holder = GilHolder(1, 10.01, 10.09, 0.01, [])
    parts = attribute(gap(process_cpu_s=0.1), [late], [holder])
    assert parts.gil_s > 0.08
    assert parts.gil_held_s == pytest.approx(0.01)


@pytest.mark.parametrize(("slices", "waited_s"), [(8, 0.08), (9, 0.0)])
def test_a_wait_speaks_for_the_time_before_only_if_it_lasted_so_long(slices, waited_s):
    """A thread that was on a core since the last sample may have waited for the GIL until now."""
    late = sample(0.09, State.BLOCKED, process_cpu_s=0.08, due_s=0.01)._replace(slices=slices)
    back = sample(0.0999, State.RUNNING, process_cpu_s=0.08)._replace(slices=slices)
    seen = [sample(0.01, State.BLOCKED), late, back]
    parts = attribute(gap(process_cpu_s=0.08), seen, [])
    assert parts.off_cpu_s == pytest.approx(0.01 + waited_s, abs=0.002)
    assert parts.gil_s == pytest.approx(0.08 - waited_s, abs=0.002)


def test_the_loop_in_its_own_select_is_not_held():
    """A loop that waits for work is no stall, even if its timer came late."""
    parts = attribute(gap(), [sample(0.01 * n, State.IDLE, stack=IDLE) for n in range(1, 10)], [])
    assert parts.off_cpu_s == parts.gil_s == 0
    assert parts.length_s < 0.03


def test_other_work_before_the_wait_is_not_counted_twice():
    """The parts of a stall never exceed the time since the last sign of life."""
    busy = gap(cpu_s=0.008, length_s=0.013)._replace(alive_s=10.008, late_s=10.008)
    parts = attribute(busy, [sample(0.0105, State.BLOCKED, cpu_s=0.008)], [])
    assert parts.off_cpu_s == pytest.approx(0.005)
    assert parts.length_s <= 0.005 + 1e-9
