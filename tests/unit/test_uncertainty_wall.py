"""Walls and solo requests in; whether they leave open if requests overlap, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, doubt, measured, parallel, record, serial, solo, stall, trace
from neverblock.analysis.uncertainty import short_of_both

from neverblock.analysis.measure import Solo
from neverblock.measurement import Executors
from neverblock.model import Machine, Scenario
from neverblock.result import Criterion


def taking(*own_s):
    """Give solo requests which took so long each."""
    records = tuple(record(i, i * 10.0, i * 10.0 + own) for i, own in enumerate(own_s))
    return Solo(records, (), trace(), warm_up_s=own_s[0])


@pytest.mark.parametrize(
    ("own_s", "wall_s", "said"),
    [
        ((1.0, 1.0, 1.0), 1.99, None),
        ((1.0, 1.0, 1.0), 1.02, None),
        ((0.9, 1.0, 1.1), 1.9, "10 requests take as long as 1.90 of them"),
        ((0.9, 1.0, 1.1), 1.7, None),
    ],
)
def test_an_overlap_is_near_where_a_faster_request_would_deny_it(own_s, wall_s, said):
    """Noise only adds to the wall, and it adds to the requests that it is held against."""
    assert doubt(taking(*own_s), burst_round([wall_s] * 10)) == said


@pytest.mark.parametrize(
    ("walls_s", "near_it"),
    [
        ((2.1,), True),
        ((3.9,), True),
        ((4.0,), False),
        ((10.0,), False),
        ((2.1, 2.15), False),
        ((2.1, 2.3), True),
        ((2.3, 2.1), True),
        ((4.0, 40.0), False),
        ((3.9, 40.0), True),
        ((2.1, 2.15, 9.0), False),
    ],
)
def test_a_queue_is_near_unless_the_shortest_possible_wall_is_too_long(walls_s, near_it):
    """One hiccup can make a burst twice as long, and two do not by as much."""
    found = doubt(solo(1.0), *(burst_round([wall_s] * 10) for wall_s in walls_s))
    assert (found is not None) is near_it


def test_a_queue_is_near_where_a_slower_request_would_deny_it():
    """The slowest of three solo requests takes more than half of the wall."""
    assert doubt(taking(0.9, 1.0, 1.1), burst_round([2.1] * 10), burst_round([2.1] * 10))


def test_the_null_burst_is_taken_off_before():
    """What client and machine cost decides nothing."""
    rounds = [burst_round([2.3] * 10, floor_s=0.25), burst_round([2.32] * 10, floor_s=0.25)]
    assert doubt(solo(1.0), *rounds) is None
    assert doubt(solo(1.0), *(replace(r, floor_s=0.29) for r in rounds)) is not None


def test_threads_that_ran_out_do_not_make_a_wall_too_long():
    """Three reads of each request queue for a moment on any machine."""
    full = Executors(default_threads=6, default_busy=6, default_queued=4)
    assert doubt(solo(1.0), burst_round([2.02] * 10, executors=full)) is not None
    assert doubt(solo(1.0), burst_round([4.02] * 10, executors=full)) is None


@pytest.mark.parametrize(
    ("cpu_s", "wall_s", "busy", "full", "near_it"),
    [
        (2.5, 5.0, 0.7, True, True),
        (2.5, 5.0, 0.7, False, False),
        (2.5, 5.0, 0.0, True, False),
        (8.5, 5.0, 0.1, True, False),
        (0.9, 1.9, 0.7, True, False),
        (3.9, 5.0, 0.7, True, True),
        (4.0, 5.0, 0.7, True, False),
    ],
)
def test_short_of_threads_and_of_cores_nobody_knows_which(cpu_s, wall_s, busy, full, near_it):
    """Cores that others took excuse no queue that was seen; the server's own use of them does."""
    executors = Executors(anyio_tokens=4.0, anyio_waiting=6) if full else Executors()
    found = burst_round(
        [wall_s] * 10, cpu_s=cpu_s, executors=executors, machine=Machine(steal=0.0, busy=busy)
    )
    said = doubt(solo(1.0), found)
    assert (said is not None) is near_it
    assert said is None or said.endswith("short of threads and cores")


@pytest.mark.parametrize(("loop_cpu_s", "near_it"), [(1.0, True), (4.0, False)])
def test_a_loop_that_waited_for_a_core_did_not_compute_meanwhile(loop_cpu_s, near_it):
    """What its requests queued for was a thread or a core; had it computed, it would be clear."""
    starved = stall(100, 3.5, starved_s=3.5, on_cpu_s=0.0, stacks=())
    found = burst_round(
        [5.0] * 10,
        starved,
        cpu_s=loop_cpu_s,
        loop_cpu_s=loop_cpu_s,
        executors=Executors(anyio_tokens=4.0, anyio_waiting=6),
        machine=Machine(steal=0.0, busy=0.5),
    )
    assert (doubt(solo(1.0), found) is not None) is near_it


def test_a_crowd_is_near_by_its_efficiency():
    """In a closed loop the work done over the time taken is what is judged."""
    crowd = Scenario("crowd", "crowd", "locust", n=10, duration_s=3.0)
    assert doubt(solo(1.0), burst_round([2.1] * 10), scenario=crowd) is not None
    assert doubt(solo(1.0), burst_round(serial(1.0)), scenario=crowd) is None
    assert doubt(solo(1.0), burst_round(parallel(1.0)), scenario=crowd) is None


def test_the_wall_is_told_in_the_endpoints_own_time():
    """Less the null burst's: 0.85 s less 0.05 of 0.25 s each."""
    assert doubt(solo(0.25), burst_round([0.85] * 10, floor_s=0.05)) == (
        "10 requests take as long as 3.20 of them"
    )


def test_a_crowd_of_short_requests_is_near_by_its_efficiency_too():
    """The unit of time changes nothing."""
    crowd = Scenario("crowd", "crowd", "locust", n=10, duration_s=3.0)
    assert doubt(solo(0.25), burst_round([0.55] * 10), scenario=crowd) is not None
    assert doubt(solo(0.25), burst_round([0.45] * 10), scenario=crowd) is None


def test_short_of_both_is_no_burst_that_overlapped_or_was_too_short():
    """There a wall was no question."""
    full = Executors(default_queued=1)
    for wall_s in (1.02, 0.04):
        figures = measured(solo(0.6), burst_round([wall_s] * 10, executors=full))
        assert not short_of_both(figures, Criterion())
    short = measured(solo(0.01), burst_round([0.04] * 10, executors=full))
    assert not short_of_both(short, Criterion())
    assert short_of_both(measured(solo(0.1), burst_round([1.0] * 10, executors=full)), Criterion())
