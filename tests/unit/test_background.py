"""Stalls in; the lines that held the loop while no request ran them, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import SLEEP, stall

from neverblock.analysis.background import background_holds
from neverblock.measurement import Frame, Stack
from neverblock.result import Criterion

START = Frame("/lib/threading.py", 940, "Thread.start", "stdlib")


def own(weight_s=0.1, frame=SLEEP, *, on_cpu=False):
    """Give a stack that no request ran."""
    return Stack((frame,), weight_s, on_cpu, background=True)


def tick(start_s, held_s, *stacks, **split):
    """Give a stall in which a periodic task held the loop for so long."""
    return stall(start_s, held_s, **{"off_cpu_s": held_s, "stacks": stacks or (own(),), **split})


def test_a_periodic_task_is_told_with_its_line_and_its_period():
    """The median of its holds, and of the time from one to the next."""
    stalls = [tick(start_s, held_s) for start_s, held_s in ((5.0, 0.3), (0.0, 0.1), (2.0, 0.2))]
    (found,) = background_holds(stalls, Criterion())
    assert (found.place.line, found.place.on_cpu) == (SLEEP.line, False)
    assert (found.times, found.held_s, found.every_s) == (3, pytest.approx(0.2), 2.5)


def test_what_came_once_has_no_period():
    """Nobody knows when it comes again."""
    (found,) = background_holds([tick(0, 0.2)], Criterion())
    assert (found.times, found.every_s) == (1, None)


def test_the_worst_comes_first():
    """By the time that it takes in all: often short is worse than once long."""
    other = replace(SLEEP, line=50)
    stalls = [tick(0, 0.3), *(tick(i, 0.2, own(frame=other)) for i in (1, 2))]
    assert [hold.place.line for hold in background_holds(stalls, Criterion())] == [50, 41]


@pytest.mark.parametrize(
    "found",
    [
        tick(0, 0.05),
        stall(0, 0.3, off_cpu_s=0.3),
        tick(0, 0.3, Stack((), 0.3, on_cpu=False, background=True)),
        tick(0, 0.3, own(frame=START)),
        tick(0, 0.08, own(0.05), Stack((SLEEP,), 0.05, on_cpu=False)),
    ],
    ids=["at the limit", "a request's", "nobody's", "hands over", "half of it"],
)
def test_short_holds_and_those_of_requests_are_not_told(found):
    """Only what no request ran, for longer than the limit."""
    assert background_holds([found], Criterion()) == ()


def test_the_heaviest_line_of_a_stall_stands_for_it():
    """Seen twice, a line is heavier than another that was seen once."""
    other = replace(SLEEP, line=50)
    found = tick(0, 0.3, own(0.1), own(0.12, other), own(0.05))
    assert [hold.place.line for hold in background_holds([found], Criterion())] == [41]


def test_computing_is_told_as_such():
    """By the heaviest stack of the line."""
    found = tick(0, 0.3, own(0.3, on_cpu=True), own(0.1), on_cpu_s=0.3)
    (hold,) = background_holds([found], Criterion())
    assert hold.place.on_cpu


def test_a_thread_of_the_apps_own_that_keeps_the_gil_is_told():
    """It froze the loop, whose own stack has nothing to do with it."""
    thread = replace(SLEEP, line=60, function="refresh")
    stacks = (Stack((SLEEP,), 0.1, on_cpu=False),)
    found = stall(0, 0.3, gil_held_s=0.3, stacks=stacks, culprit=own(0.3, thread, on_cpu=True))
    (hold,) = background_holds([found], Criterion())
    assert (hold.place.line, hold.held_s) == (60, pytest.approx(0.3))
    unseen = replace(found, culprit=Stack((), 0.3, on_cpu=True, background=True))
    assert background_holds([unseen], Criterion()) == ()
