"""What a trace of the loop comes to, field by field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import SLEEP, burst_round, measured, parallel, record, solo, stall, trace

from neverblock.analysis.measure import (
    Solo,
    application_share,
    each_solo,
    hands_over,
    holds,
    loop_figures,
    solo_holds,
    worst_executors,
)
from neverblock.measurement import Executors, Frame, HoldFigures, Stack
from neverblock.model import Ping

FULL = {
    "on_cpu_s": 0.3,
    "off_cpu_s": 0.4,
    "gil_s": 0.05,
    "starved_s": 0.06,
    "gc_s": 0.07,
    "gil_held_s": 0.08,
}


def test_only_what_waited_speaks_for_a_wait():
    """A stack on CPU says nothing of the time off it."""
    parked = Stack((), 0.1, on_cpu=False)
    computing = Stack((SLEEP,), 0.3, on_cpu=True)
    waiting = Stack((SLEEP,), 0.3, on_cpu=False)
    assert application_share(stall(0, 1.0, stacks=(parked, computing))) == 0.0
    assert application_share(stall(0, 1.0, stacks=(parked, waiting))) == pytest.approx(0.75)
    assert application_share(stall(0, 1.0, stacks=(computing,))) == 1.0
    assert application_share(stall(0, 1.0, stacks=())) == 0.0


@pytest.mark.parametrize(
    ("owner", "function", "starts"),
    [
        ("stdlib", "Thread.start", True),
        ("project", "Thread.start", False),
        ("stdlib", "ThreadPoolExecutor.submit", True),
        ("library", "AsyncIOBackend.run_sync_in_worker_thread", True),
        ("stdlib", "Event.wait", False),
    ],
)
def test_only_the_standard_librarys_own_start_is_one(owner, function, starts):
    """A project may name a function of its own so."""
    stack = Stack((Frame("threading.py", 1, function, owner),), 0.1, on_cpu=False)
    assert hands_over(stack) is starts


def test_holds_are_per_request_and_the_longest_are_not():
    """Every part of a stall has its place."""
    shorter = {name: value / 2 for name, value in FULL.items()}
    found = holds([stall(0, 1.0, **FULL), stall(2, 0.5, **shorter)], 10)
    assert found == HoldFigures(
        requests=10,
        waiting_s=pytest.approx(0.06),
        longest_waiting_s=pytest.approx(0.4),
        computing_s=pytest.approx(0.0345),
        longest_computing_s=pytest.approx(0.23),
        longest_gil_held_s=pytest.approx(0.08),
        gil_s=pytest.approx(0.0075),
        starved_s=pytest.approx(0.009),
        gc_s=pytest.approx(0.0105),
    )


def test_nothing_held_is_nothing():
    """No stalls, and no requests to share them."""
    assert holds([], 10) == HoldFigures(requests=10)
    assert holds([stall(0, 1.0, **FULL)], 0).waiting_s == 0.0


def test_a_stall_belongs_to_the_request_that_was_sent_last_before_its_end():
    """One that ends just as the next is sent belongs to that one, the last to the last for ever."""
    asked = Solo(
        tuple(record(i, float(i), i + 0.5) for i in range(3)),
        (),
        trace(
            stall(0.5, 0.25, off_cpu_s=0.25),
            stall(0.75, 0.25, off_cpu_s=0.5),
            stall(99.0, 1.0, off_cpu_s=1.0),
        ),
        0.0,
    )
    assert [found.waiting_s for found in each_solo(asked)] == [0.25, 0.5, 1.0]
    assert each_solo(replace(asked, trace=None)) == []


def test_a_typical_request_has_the_median_of_each():
    """Of all that is known of them."""
    parts = [{name: value * k for name, value in FULL.items()} for k in (1, 3, 2)]
    asked = solo(1.0, *(stall(i * 2.0, 1.0, **part) for i, part in enumerate(parts)))
    found = solo_holds(asked)
    assert found == HoldFigures(
        requests=3,
        waiting_s=pytest.approx(0.8),
        longest_waiting_s=pytest.approx(0.8),
        computing_s=pytest.approx(0.46),
        longest_computing_s=pytest.approx(0.46),
        longest_gil_held_s=pytest.approx(0.16),
        gil_s=pytest.approx(0.1),
        starved_s=pytest.approx(0.12),
        gc_s=pytest.approx(0.14),
    )
    assert solo_holds(replace(asked, trace=None)) == HoldFigures(requests=0)


def test_the_loop_figures_name_the_loop_and_pass_complaints_on():
    """Those of the solo requests first; where either side has no trace there are none at all."""
    asked, found = solo(1.0), burst_round(parallel(1.0))
    asked = replace(asked, trace=replace(asked.trace, complaint="early"))
    late = replace(found, trace=replace(found.trace, complaint="late", loop="uvloop"))
    figures = loop_figures(asked, late, 1.0)
    assert (figures.loop, figures.complaint, figures.armed) == ("uvloop", "early", True)
    assert loop_figures(solo(1.0), late, 1.0).complaint == "late"
    assert loop_figures(solo(1.0), found, 1.0).complaint is None
    assert loop_figures(replace(asked, trace=None), found, 1.0) is None
    assert loop_figures(asked, replace(found, trace=None), 1.0) is None


def test_nobody_holds_the_loop_for_longer_than_it_takes():
    """A background task may; the share of its own time is then all of it."""
    asked = solo(1.0, *(stall(i * 2.0, 3.0, off_cpu_s=3.0) for i in range(3)))
    assert loop_figures(asked, burst_round(parallel(1.0)), 1.0).held == 1.0
    assert loop_figures(asked, burst_round(parallel(1.0)), 4.0).held == pytest.approx(0.75)
    assert loop_figures(asked, burst_round(parallel(1.0)), 0.0).held == 0.0


def test_the_bursts_executors_count_and_the_solos_where_it_saw_none():
    """The worst is seen under load."""
    busy, idle = Executors(anyio_waiting=3), Executors(anyio_borrowed=1)
    assert worst_executors(busy, idle) == busy
    assert worst_executors(Executors(), idle) == idle


def test_the_figures_of_a_burst_of_other_than_a_second():
    """Speedup is the serial bound over the wall, whatever the unit."""
    found = measured(solo(0.5), burst_round([1.25] * 10))
    assert found.speedup == pytest.approx(4.0)
    assert found.efficiency == pytest.approx(0.4)


def test_what_the_canary_suffered_alone_is_told_of_the_whole_series():
    """From the first send to the last response: here two waits of a quarter in 5 s."""
    pings = (Ping(0.0, 0.25, ok=True), Ping(4.75, 5.0, ok=True), Ping(2.0, 2.0, ok=True))
    found = measured(replace(solo(1.0), pings=pings), burst_round(parallel(1.0)))
    assert found.solo_canary.share == pytest.approx(0.1)
    assert found.solo_frozen_s == pytest.approx(0.25)


def test_answers_and_the_light_user_are_kept():
    """Of what went wrong no answer counts."""
    found = burst_round(parallel(1.0))
    first, *others = found.burst.records
    failed = replace(first, status=500, answer="oops")
    light = (record(0, 100.0, 100.1),)
    burst = replace(found.burst, records=(failed, *others), light=light)
    figures = measured(solo(1.0), replace(found, burst=burst))
    assert figures.answers == ("a",)
    assert figures.light == light
