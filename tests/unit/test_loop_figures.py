"""What a trace of the loop comes to, field by field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import SLEEP, burst_round, measured, parallel, pool, record, solo, stall, trace

from neverblock.analysis.measure import (
    Solo,
    each_solo,
    holds,
    loop_figures,
    solo_holds,
    worst_executors,
)
from neverblock.measurement import Executors, HoldFigures, Stack
from neverblock.model import Ping

FULL = {
    "on_cpu_s": 0.3,
    "off_cpu_s": 0.4,
    "gil_s": 0.05,
    "starved_s": 0.06,
    "gc_s": 0.07,
    "gil_held_s": 0.08,
}

OWN = Stack((SLEEP,), 0.2, on_cpu=False, background=True)


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
        perhaps_gil_held_s=pytest.approx(0.14),
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


def test_a_stall_after_the_next_request_was_sent_belongs_to_the_one_that_left_it():
    """A task that begins 5 ms after the answer, when the next request has been sent already."""
    sent_s = (0.0, 0.011, 0.131)
    records = tuple(
        record(i, s, d) for i, (s, d) in enumerate(zip(sent_s, (0.01, 0.13, 0.25), strict=True))
    )
    stalls = [stall(start_s, 0.1, on_cpu_s=0.1) for start_s in (0.015, 0.135, 0.255)]
    left = Solo(records, (), trace(*stalls), 0.0)
    assert [found.computing_s for found in each_solo(left)] == pytest.approx([0.1, 0.1, 0.1])
    seldom = replace(left, trace=trace(*stalls[:1]))
    assert sorted(found.computing_s for found in each_solo(seldom)) == [0.0, 0.0, 0.1]


def test_a_typical_request_has_the_median_of_each():
    """Of all that is known of them; collections that each brings are computing of its own."""
    parts = [{name: value * k for name, value in FULL.items()} for k in (1, 3, 2)]
    asked = solo(1.0, *(stall(i * 2.0, 1.0, **part) for i, part in enumerate(parts)))
    found = solo_holds(asked)
    assert found == HoldFigures(
        requests=3,
        waiting_s=pytest.approx(0.8),
        longest_waiting_s=pytest.approx(0.8),
        computing_s=pytest.approx(0.6),
        longest_computing_s=pytest.approx(0.6),
        longest_gil_held_s=pytest.approx(0.16),
        perhaps_gil_held_s=pytest.approx(0.28),
        gil_s=pytest.approx(0.1),
        starved_s=pytest.approx(0.12),
        gc_s=0.0,
    )
    assert solo_holds(replace(asked, trace=None)) == HoldFigures(requests=0)


def test_the_loop_figures_name_the_loop_and_pass_complaints_on():
    """Those of the solo requests first; where either side has no trace there are none at all."""
    asked, found = solo(1.0), burst_round(parallel(1.0))
    asked = replace(asked, trace=replace(asked.trace, complaint="early"))
    late = replace(found, trace=replace(found.trace, complaint="late", loop="uvloop"))
    figures = loop_figures(asked, [late], late)
    assert (figures.loop, figures.complaint, figures.armed) == ("uvloop", "early", True)
    assert loop_figures(solo(1.0), [late], late).complaint == "late"
    assert loop_figures(solo(1.0), [found], found).complaint is None
    assert loop_figures(replace(asked, trace=None), [found], found) is None
    bare = replace(found, trace=None)
    assert loop_figures(asked, [bare], bare) is None


def test_nobody_holds_the_loop_for_longer_than_it_takes():
    """A background task may; the share of its own time is then all of it."""
    found = burst_round(parallel(1.0))
    asked = solo(1.0, *(stall(i * 2.0, 3.0, off_cpu_s=3.0) for i in range(3)))
    assert loop_figures(asked, [found], found).held == 1.0
    asked = solo(4.0, *(stall(i * 5.0, 3.0, off_cpu_s=3.0) for i in range(3)))
    assert loop_figures(asked, [found], found).held == pytest.approx(0.75)
    at_once = solo(0.0, *(stall(float(i), 0.1, off_cpu_s=0.1) for i in range(3)))
    assert loop_figures(at_once, [found], found).held == 0.0


def test_the_loop_figures_have_every_request_and_every_round():
    """The kept round's figures stand apart; a round without a trace has none."""
    asked = solo(1.0, *(stall(i * 2.0, 0.1 * (i + 1), off_cpu_s=0.1 * (i + 1)) for i in range(3)))
    slow = burst_round([2.0] * 10, stall(100, 0.5, off_cpu_s=0.5))
    kept = burst_round(
        parallel(1.0),
        stall(100, 0.2, off_cpu_s=0.2),
        loop_cpu_s=0.3,
        process_cpu_s=0.4,
        busy_s=0.35,
        starved_s=0.05,
        beats=7,
        pools=(pool(),),
        waits=((SLEEP, 9),),
    )
    found = loop_figures(asked, [slow, kept, replace(slow, trace=None)], kept)
    assert [each.waiting_s for each in found.each] == pytest.approx([0.1, 0.2, 0.3])
    assert [each.waiting_s for each in found.rounds] == pytest.approx([0.05, 0.02])
    assert found.burst == found.rounds[1]
    assert (found.cpu_s, found.process_cpu_s, found.busy_s, found.beats) == (0.3, 0.4, 0.35, 7)
    assert found.starved_s == 0.05
    assert (found.pools, found.solo_pools) == ((pool(),), ())
    assert (found.waits, found.stalls) == (((SLEEP, 9),), kept.trace.stalls)


def test_a_probe_that_was_not_armed_once_was_not_armed():
    """Alone or in the burst: half of the figures are none."""
    armed, silent = solo(1.0), solo(1.0, armed=False)
    found, deaf = burst_round(parallel(1.0)), burst_round(parallel(1.0), armed=False)
    assert loop_figures(armed, [found], found).armed
    assert not loop_figures(silent, [found], found).armed
    assert not loop_figures(armed, [deaf], deaf).armed


def test_what_no_request_ran_in_the_burst_is_summed_up_apart():
    """It is in none of the holds."""
    stalls = [stall(100 + i / 2, 0.2, off_cpu_s=0.2, stacks=(OWN,)) for i in range(2)]
    found = measured(solo(1.0), burst_round(parallel(1.0), *stalls)).loop
    assert found.background_s == pytest.approx(0.4)
    assert found.burst.waiting_s == 0.0
    assert found.background_cpu_s == 0.0


@pytest.mark.parametrize(
    ("start_s", "within_s"), [(98.0, 0.0), (99.9, 0.1), (100.5, 0.2), (100.92, 0.1), (102.0, 0.0)]
)
def test_background_work_makes_a_burst_longer_by_what_fell_into_it(start_s, within_s):
    """What came before it or after it took none of its time."""
    held = stall(start_s, 0.2, off_cpu_s=0.2, stacks=(OWN,))
    found = measured(solo(1.0), burst_round(parallel(1.0), held)).loop
    assert found.background_s == pytest.approx(within_s)


def test_what_no_request_computed_in_the_burst_is_known_by_its_thread():
    """A periodic task on the loop, and a thread that keeps the GIL; before or after it as well."""
    task = stall(100.1, 0.2, on_cpu_s=0.2, stacks=(replace(OWN, on_cpu=True),))
    thread = stall(102.0, 0.3, gil_s=0.35, gil_held_s=0.3, stacks=(), culprit=OWN)
    found = measured(solo(1.0), burst_round(parallel(1.0), task, thread)).loop
    assert found.background_loop_cpu_s == pytest.approx(0.2)
    assert found.background_threads_cpu_s == pytest.approx(0.3)
    assert found.background_cpu_s == pytest.approx(0.5)
    assert found.burst.gil_s == pytest.approx(0.005)


@pytest.mark.parametrize(("each_brings_it", "background_s"), [(False, 0.3), (True, 0.0)])
def test_a_collection_that_single_requests_do_not_bring_is_background(each_brings_it, background_s):
    """The collector began it, on the loop or in a thread that it made keep the GIL."""
    sends = (0.0, 2.0, 4.0)
    brought = [stall(at, 0.1, on_cpu_s=0.1, gc_s=0.1) for at in sends] if each_brings_it else []
    on_loop = stall(100.1, 0.1, on_cpu_s=0.1, gc_s=0.1)
    in_thread = stall(100.4, 0.2, gil_s=0.2, gil_held_s=0.2, gil_gc_s=0.2, stacks=())
    found = measured(solo(1.0, *brought), burst_round(parallel(1.0), on_loop, in_thread)).loop
    assert found.background_s == pytest.approx(background_s)
    assert found.background_loop_cpu_s == pytest.approx(background_s / 3)
    assert found.background_threads_cpu_s == pytest.approx(background_s * 2 / 3)


def test_the_bursts_executors_count_and_the_solos_where_it_saw_none():
    """The worst is seen under load."""
    busy, idle = Executors(anyio_waiting=3), Executors(anyio_borrowed=1)
    assert worst_executors(busy, idle) == busy
    assert worst_executors(Executors(), idle) == idle
    asked, found = solo(1.0, executors=idle), burst_round(parallel(1.0), executors=busy)
    assert loop_figures(asked, [found], found).executors == busy


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
