"""Samples in; whether they leave a verdict open out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, doubt, measured, parallel, serial, solo, stall
from neverblock.analysis.uncertainty import Side, few, near, side_of, side_of_rounds

from neverblock.analysis.judge import inconclusive, judge
from neverblock.model import Diagnosis, Machine, Verdict
from neverblock.result import Criterion


def computing(*held_s):
    """Give solo requests of 200 ms which computed for so long each."""
    stalls = [stall(i * 1.2, held, on_cpu_s=held) for i, held in enumerate(held_s) if held]
    return solo(0.2, *stalls, k=len(held_s))


def waiting(own_s, *held_s):
    """Give solo requests which waited for so long each."""
    stalls = [stall(i * (own_s + 1), held, off_cpu_s=held) for i, held in enumerate(held_s) if held]
    return solo(own_s, *stalls, k=len(held_s))


@pytest.mark.parametrize(
    ("across", "of", "is_few"),
    [(0, 2, False), (0, 3, True), (1, 3, False), (1, 6, True), (2, 7, False), (2, 9, True)],
)
def test_few_is_what_the_sign_test_says(across, of, is_few):
    """One eighth: three of three, all but one of six, all but two of nine."""
    assert few(across, of) is is_few


@pytest.mark.parametrize(
    ("over", "side"),
    [
        ([True] * 3, Side.OVER),
        ([False] * 3, Side.UNDER),
        ([True, False, True], Side.NEAR),
        ([True] * 5 + [False], Side.OVER),
        ([False] * 5 + [True], Side.UNDER),
        ([], Side.NEAR),
    ],
)
def test_samples_are_on_a_side_or_near(over, side):
    """No samples are no evidence."""
    assert side_of(over) is side


@pytest.mark.parametrize(
    ("figures", "side"),
    [
        ([0.21], Side.OVER),
        ([0.2], Side.NEAR),
        ([0.04], Side.UNDER),
        ([0.05], Side.NEAR),
        ([0.21, 0.19], Side.NEAR),
        ([0.11] * 3, Side.OVER),
        ([0.1] * 3, Side.UNDER),
        ([0.09, 0.09, 0.11], Side.NEAR),
    ],
)
def test_few_rounds_are_clear_by_their_distance(figures, side):
    """At a limit of a tenth: above twice it, below half of it; else by their number."""
    assert side_of_rounds(figures, 0.1) is side


@pytest.mark.parametrize(
    ("held_s", "said"),
    [
        ((0.06, 0.06, 0.06), None),
        ((0.049, 0.049, 0.049), None),
        ((0.0, 0.0, 0.0), None),
        ((0.049, 0.051, 0.052), "computes on the loop for 49 to 52 ms"),
        ((0.049, 0.049, 0.052), "computes on the loop for 49 to 52 ms"),
        ((0.049, 0.051, 0.052, 0.052, 0.052, 0.052), None),
    ],
)
def test_computing_is_near_where_requests_lie_on_both_sides(held_s, said):
    """At 50 ms; a steady figure is told however near it is."""
    assert doubt(computing(*held_s), burst_round(parallel(0.2))) == said


def test_a_held_gil_can_be_near_as_well():
    """It is judged by solo requests as computing is."""
    split = {"gil_s": 0.06, "stacks": ()}
    held = (0.045, 0.06, 0.06)
    stalls = [stall(i * 1.2, 0.06, gil_held_s=s, **split) for i, s in enumerate(held)]
    said = doubt(solo(0.2, *stalls), burst_round(parallel(0.2)))
    assert said == "keeps the GIL for 45 to 60 ms"


@pytest.mark.parametrize(
    ("held_s", "starved_s", "near_it"),
    [
        (0.03, 0.0, False),
        (0.03, 0.019, False),
        (0.03, 0.021, True),
        (0.0, 0.2, False),
        (0.06, 0.2, False),
    ],
)
def test_a_loop_without_a_core_may_have_missed_a_held_gil(held_s, starved_s, near_it):
    """30 ms were seen, and for as long again nobody could look; where none was seen, none is."""
    split = {"gil_held_s": held_s, "starved_s": starved_s, "stacks": ()}
    stalls = [stall(i * 1.2, 0.06, **split) for i in range(3)]
    found = doubt(solo(0.2, *stalls), burst_round(parallel(0.2)))
    assert (found is not None) is near_it


def test_what_a_loop_missed_of_one_stall_is_nothing_to_another():
    """It turned in between, so that nobody can have kept the GIL through both."""
    split = {"gil_held_s": 0.03, "starved_s": 0.015, "stacks": ()}
    stalls = [stall(i * 1.2 + at, 0.05, **split) for i in range(3) for at in (0.0, 0.06)]
    assert doubt(solo(0.2, *stalls), burst_round(parallel(0.2))) is None


@pytest.mark.parametrize(("busy", "near_it"), [(0.0, False), (0.6, False), (0.61, True)])
def test_a_thread_without_a_core_may_keep_the_gil_for_long(busy, near_it):
    """That is then the others' doing; and where they are few, its own."""
    stalls = [stall(i * 1.2, 0.2, gil_held_s=0.2, stacks=()) for i in range(3)]
    machine = Machine(steal=0.0, busy=busy)
    found = doubt(solo(0.2, *stalls), burst_round(parallel(0.2), machine=machine))
    assert (found is not None) is near_it


@pytest.mark.parametrize(
    ("held_s", "said"),
    [
        ((0.02, 0.02, 0.02), None),
        ((0.009, 0.009, 0.009), None),
        ((0.009, 0.011, 0.012), "waits on the loop for 9% to 12% of its own time"),
        ((0.0, 0.0, 0.03), "waits on the loop for 0% to 30% of its own time"),
    ],
)
def test_a_wait_is_near_where_requests_lie_on_both_sides_of_a_tenth(held_s, said):
    """Of an own time of 100 ms."""
    assert doubt(waiting(0.1, *held_s), burst_round(parallel(0.1))) == said


def test_a_wait_that_the_probe_cannot_resolve_is_no_wait():
    """Below 2 ms, however short the request is."""
    assert doubt(waiting(0.004, 0.0015, 0.0015, 0.0019), burst_round(parallel(0.004))) is None


@pytest.mark.parametrize(
    ("held_s", "said"),
    [
        ((0.09,), None),
        ((0.012,), "waits on the loop for 12% of its own time in a burst"),
        ((0.012, 0.013, 0.014), None),
        ((0.008, 0.012), "waits on the loop for 8% to 12% of its own time in a burst"),
        ((0.004,), None),
    ],
)
def test_a_wait_that_comes_only_with_company_is_near_by_its_rounds(held_s, said):
    """A thread lock is free for one request."""
    rounds = [
        burst_round(
            [0.102 + at / 1000] * 10,
            *(stall(100 + i / 10, held, off_cpu_s=held) for i in range(10)),
        )
        for at, held in enumerate(held_s)
    ]
    assert doubt(solo(0.1), *rounds) == said


def test_a_clear_failure_needs_no_second_one():
    """It waits for half of its time; that its computing is near changes nothing."""
    stalls = [
        stall(i * 1.2, 0.15, off_cpu_s=0.1, on_cpu_s=held)
        for i, held in enumerate((0.049, 0.051, 0.052))
    ]
    assert doubt(solo(0.2, *stalls), burst_round(parallel(0.2))) is None
    assert doubt(computing(0.049, 0.051, 0.052), burst_round(serial(0.2))) is None


def test_only_a_verdict_can_be_near():
    """An error is no figure, and what was spoiled is inconclusive already."""
    alone, found = computing(0.049, 0.051, 0.052), burst_round(parallel(0.2))
    figures = measured(alone, found)
    assert near(alone, [found], figures, inconclusive("spoiled"), Criterion()) is None
    assert doubt(alone, found, statuses={"500": 10}) is None


def test_from_outside_only_the_wall_can_be_near():
    """Nobody looked at the loop; what its canary proved has no samples here."""
    alone, found = computing(0.049, 0.051, 0.052), burst_round([0.5] * 10)
    alone, found = replace(alone, trace=None), replace(found, trace=None)
    figures = replace(
        measured(alone, found), solo_canary=replace(measured(alone, found).solo_canary, sent=1)
    )
    queue = replace(judge(figures, Criterion()), verdict=Verdict.FAIL)
    assert near(alone, [found], figures, queue, Criterion()) is not None
    held = replace(queue, diagnosis=Diagnosis.BLOCKING)
    assert near(alone, [found], figures, held, Criterion()) is None


def test_a_figure_just_at_its_limit_is_within_it():
    """Two of three at it and one over it leave it open."""
    criterion = Criterion(loop_limit_s=0.25, waiting_share=0.25)
    found = burst_round(parallel(1.0))
    assert doubt(waiting(1.0, 0.25, 0.25, 0.5), found, criterion=criterion)
    stalls = [stall(i * 2.0, 0.5, on_cpu_s=held) for i, held in enumerate((0.25, 0.25, 0.5))]
    assert doubt(solo(1.0, *stalls), found, criterion=criterion)
    held = [stall(i * 2.0, 0.5, gil_held_s=s, stacks=()) for i, s in enumerate((0.25, 0.25, 0.5))]
    assert doubt(solo(1.0, *held), found, criterion=criterion)
    split = {"gil_held_s": 0.125, "starved_s": 0.125, "stacks": ()}
    unseen = [stall(i * 2.0, 0.5, **split) for i in range(3)]
    assert doubt(solo(1.0, *unseen), found, criterion=criterion) is None


def test_all_that_is_near_is_told():
    """Each figure with the range of its samples."""
    stalls = [
        stall(i * 1.2, 0.1, off_cpu_s=wait, on_cpu_s=held)
        for i, (wait, held) in enumerate(((0.018, 0.04), (0.022, 0.6), (0.03, 0.6)))
    ]
    assert doubt(solo(0.2, *stalls), burst_round(parallel(0.2))) == (
        "waits on the loop for 9% to 15% of its own time; computes on the loop for 40 to 600 ms"
    )
