"""Records, pings and stalls in; figures out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, serial, solo, stall

from neverblock.analysis.canary_figures import canary_figures, covered
from neverblock.analysis.measure import holds, serial_fraction
from neverblock.model import Ping, Scenario


def test_a_staircase_has_the_serial_bound_as_its_wall():
    """Ten requests one after another: speedup 1, serial fraction 1."""
    found = measured(solo(1.0), burst_round(serial(1.0)))
    assert found.serial_bound_s == pytest.approx(10.0)
    assert found.wall_s == pytest.approx(10.0)
    assert found.speedup == pytest.approx(1.0)
    assert found.efficiency == pytest.approx(0.1)
    assert found.serial_fraction == pytest.approx(1.0)


def test_parallel_bars_come_near_the_ideal():
    """Ten requests at once: speedup near n, serial fraction near 0."""
    found = measured(solo(1.0), burst_round(parallel(1.0)))
    assert found.speedup == pytest.approx(10 / 1.02)
    assert found.serial_fraction == pytest.approx((0.102 - 0.1) / 0.9)


def test_the_serial_fraction_of_one_request_is_one():
    """Nothing can overlap where there is only one."""
    assert serial_fraction(1.0, 1) == 1.0


@pytest.mark.parametrize("n", [2, 10, 100])
def test_the_serial_fraction_is_comparable_across_n(n):
    """Amdahl's law with a serial part of 0.3 gives 0.3 back, whatever the n."""
    speedup = 1 / (0.3 + 0.7 / n)
    assert serial_fraction(speedup, n) == pytest.approx(0.3)


def test_the_smallest_wall_of_several_rounds_is_kept():
    """Noise only ever adds time."""
    found = measured(solo(1.0), burst_round([3.0] * 10), burst_round([1.1] * 10))
    assert found.wall_s == pytest.approx(1.1)
    assert found.walls_s == pytest.approx((3.0, 1.1))


def test_solo_time_is_the_median():
    """One slow request does not move an endpoint's own time."""
    found = measured(solo(1.0, k=5), burst_round(parallel(1.0)))
    assert found.solo_s == pytest.approx(1.0)
    assert len(found.solo_samples_s) == 5


def test_a_crowd_is_held_against_all_its_requests():
    """Speedup means the same in a closed loop: work done over time taken."""
    crowd = Scenario(name="crowd", title="crowd", engine="locust", n=4, duration_s=3.0)
    found = measured(solo(1.0), burst_round(serial(1.0, 8)), scenario=crowd)
    assert (found.n, found.requests, found.closed_loop) == (4, 8, True)
    assert found.speedup == pytest.approx(1.0)
    assert found.efficiency == pytest.approx(0.25)
    assert found.throughput_rps == pytest.approx(1.0)


def test_covered_is_the_union_of_intervals():
    """Overlaps count once, gaps not at all."""
    assert covered([(0, 2), (1, 3), (5, 6)]) == 4
    assert covered([]) == 0


def test_canary_latency_counts_from_when_a_ping_was_due():
    """A ping sent late has waited all the same; a lost one waits to the end of the window."""
    pings = [Ping(0.0, 0.01, ok=True), Ping(0.05, 1.0, ok=True), Ping(0.1, None, ok=False)]
    found = canary_figures(pings, 0.05, (0.0, 2.0), limit_s=0.05)
    assert found.longest_s == pytest.approx(1.9)
    assert (found.sent, found.lost) == (3, 1)
    assert found.share == pytest.approx(1.95 / 2.0)


def test_no_ping_means_no_figure_above_zero():
    """A window too short for a ping has nothing to report."""
    found = canary_figures([], 0.05, (0.0, 0.0), limit_s=0.05)
    assert (found.sent, found.longest_s, found.median_s, found.share) == (0, 0.0, 0.0, 0.0)


def test_many_small_holds_are_summed_per_request():
    """Sixty holds of 5 ms in two requests are 150 ms each."""
    found = holds([stall(i, 0.005, off_cpu_s=0.005) for i in range(60)], requests=2)
    assert found.waiting_s == pytest.approx(0.15)
    assert found.longest_waiting_s == pytest.approx(0.005)
    assert holds([], requests=0).waiting_s == 0.0


def test_solo_holds_are_of_a_typical_request():
    """Of three requests one was held by something else: the median ignores it."""
    alone = solo(1.0, stall(0.1, 0.5, off_cpu_s=0.5))
    assert measured(alone, burst_round(parallel(1.0))).loop.solo.waiting_s == 0.0


def test_a_hold_after_the_response_belongs_to_the_request_before_it():
    """A background task blocks once its response is out; it counts as its request's hold."""
    alone = solo(1.0, *(stall(i * 2 + 1.2, 0.3, off_cpu_s=0.3) for i in range(3)))
    found = measured(alone, burst_round(parallel(1.0)))
    assert found.loop.solo.waiting_s == pytest.approx(0.3)
    assert found.loop.held == pytest.approx(0.3)


def test_without_a_probe_there_are_no_loop_figures():
    """An absent measurement is absent."""
    alone = replace(solo(1.0), trace=None)
    assert measured(alone, burst_round(parallel(1.0))).loop is None


def test_statuses_are_counted_and_errors_by_their_text():
    """What never came is counted by what happened instead."""
    found = burst_round(parallel(1.0, 3))
    broken = replace(found.burst.records[0], status=None, error="timeout", answer=None)
    burst = replace(found.burst, records=(broken, *found.burst.records[1:]))
    figures = measured(solo(1.0), replace(found, burst=burst))
    assert figures.statuses == {"200": 2, "timeout": 1}
    assert figures.throughput_rps == pytest.approx(2 / 1.02)
    assert figures.answers == ("a",)


def test_collections_count_where_every_request_has_them():
    """A request that makes so much garbage each time holds the loop by collecting it."""
    every = solo(0.2, *(stall(i * 1.2, 0.1, on_cpu_s=0.1, gc_s=0.08) for i in range(3)))
    found = measured(every, burst_round(parallel(0.2)))
    assert found.loop.solo.longest_computing_s == pytest.approx(0.1)
    once = solo(0.2, stall(0.0, 0.1, on_cpu_s=0.1, gc_s=0.08))
    found = measured(once, burst_round(parallel(0.2)))
    assert found.loop.solo.longest_computing_s == 0.0
