"""Figures in; what one request needs of each resource, and what that explains of a wall, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, pool, serial, solo, stall

from neverblock.analysis.demands import (
    BEAT_S,
    CORES,
    GENERATOR,
    GIL,
    LOOP_COMPUTING,
    LOOP_WAITING,
    RESOLUTION_S,
    UNKNOWN,
    cap_of,
    demands_of,
    waiting,
)
from neverblock.analysis.noise import added_by_machine_s
from neverblock.model import Machine

FREE = measured(solo(1.0), burst_round(parallel(1.0)))


def found(name, figures):
    """Give the demand of one resource, as its two ends and its servers."""
    demand = demands_of(figures)[name]
    return demand.low_s, demand.high_s, demand.servers


def waits(*held_s, own_s=1.0):
    """Give solo requests that wait on the loop for so long each."""
    stalls = [stall(i * (own_s + 1), held, off_cpu_s=held) for i, held in enumerate(held_s)]
    return solo(own_s, *stalls, k=len(held_s))


def test_without_a_gil_there_is_no_demand_for_it():
    """Threads that compute need cores then, and no turn."""
    figures = measured(solo(1.0), burst_round(parallel(1.0), loop_cpu_s=0.1))
    free_threaded = replace(figures, loop=replace(figures.loop, gil=False))
    assert GIL in demands_of(figures)
    assert demands_of(free_threaded).keys() == demands_of(figures).keys() - {GIL}


def test_what_was_computed_for_no_request_is_no_demand_of_one():
    """Neither of the loop, nor of the GIL, nor of the cores: a periodic task, a thread, both."""
    seen = {"loop_cpu_s": 0.5, "process_cpu_s": 0.8, "gil": True}
    figures = measured(solo(1.0), burst_round(parallel(1.0), cpu_s=0.9, **seen))
    burst = replace(figures.loop.burst, gil_s=0.01)
    known = replace(
        figures.loop, burst=burst, background_loop_cpu_s=0.4, background_threads_cpu_s=0.2
    )
    figures = replace(figures, loop=known)
    assert found(LOOP_COMPUTING, figures) == pytest.approx((0.01, 0.01, 1))
    assert found(GIL, figures) == pytest.approx((0.02, 0.02, 1))
    assert found(CORES, figures) == pytest.approx((0.03, 0.03, 2))


def test_an_endpoint_that_needs_nothing_has_no_demands():
    """What a request does not use limits nobody."""
    quiet = measured(solo(1.0), burst_round([1.0] * 10))
    assert demands_of(quiet) == {}
    outside = replace(quiet, loop=None, wall_s=1.5, paced_wall_s=None)
    assert found(UNKNOWN, outside) == pytest.approx((0.5 / 9, 0.5 / 9, 1))
    assert cap_of({}) is None


@pytest.mark.parametrize(
    ("alone_s", "together_s", "low_s", "high_s"),
    [
        ((0.02, 0.03, 0.04), 0.0, 0.02, 0.04),
        ((0.02, 0.03, 0.04), 0.03, 0.03, 0.04),
        ((0.0, 0.0, 0.0), 0.09, 0.09, 0.09),
        ((0.002, 0.002, 0.0021), 0.0, 0.0, 0.0021),
    ],
    ids=["alone", "more in the burst", "only in the burst", "below what the probe resolves"],
)
def test_a_request_waits_on_the_loop_alone_or_in_a_burst(alone_s, together_s, low_s, high_s):
    """The larger of both ranges; what the probe cannot resolve is no wait."""
    stalls = [stall(100 + i / 10, together_s, off_cpu_s=together_s) for i in range(10)]
    figures = measured(waits(*alone_s), burst_round(parallel(1.0), *stalls))
    assert found(LOOP_WAITING, figures) == pytest.approx((low_s, high_s, 1))
    assert waiting(figures, figures.loop) == pytest.approx((low_s, high_s))


def test_rounds_span_a_wait_that_comes_only_in_a_burst():
    """From the mildest to the worst of them."""
    rounds = [
        burst_round(parallel(1.0), *(stall(100 + i / 10, held, off_cpu_s=held) for i in range(10)))
        for held in (0.04, 0.06)
    ]
    assert found(LOOP_WAITING, measured(solo(1.0), *rounds)) == pytest.approx((0.04, 0.06, 1))


def test_the_loop_computes_for_its_cpu_time_less_its_heartbeats():
    """Each costs some tens of microseconds, by the loop's kind."""
    burst = burst_round(parallel(1.0), loop_cpu_s=0.5, beats=1000)
    low_s, high_s, servers = found(LOOP_COMPUTING, measured(solo(1.0), burst))
    assert (low_s, high_s) == pytest.approx(
        ((0.5 - 1000 * BEAT_S.high) / 10, (0.5 - 1000 * BEAT_S.low) / 10)
    )
    assert servers == 1
    idle = burst_round(parallel(1.0), loop_cpu_s=0.01, beats=1000)
    assert LOOP_COMPUTING not in demands_of(measured(solo(1.0), idle))


@pytest.mark.parametrize(
    ("gil_s", "low_s"), [(0.0, 0.02), (0.03, 0.05), (0.5, 0.08)], ids=["free", "some", "all of it"]
)
def test_the_gil_was_surely_held_for_what_the_loop_waited_for_it(gil_s, low_s):
    """And perhaps for all that other threads computed, with it or without."""
    stalls = [stall(100 + i / 10, gil_s, gil_s=gil_s, stacks=()) for i in range(10)]
    burst = burst_round(parallel(1.0), *stalls, loop_cpu_s=0.2, process_cpu_s=0.8)
    assert found(GIL, measured(solo(1.0), burst)) == pytest.approx((low_s, 0.08, 1))


@pytest.mark.parametrize(
    ("cpu_s", "process_s", "starved_s", "low_s", "high_s"),
    [
        (1.0, 0.8, None, 0.1, 0.1),
        (0.5, 0.8, None, 0.08, 0.08),
        (None, 0.8, 0.4, 0.08, 0.12),
        (1.0, 0.8, 0.5, 0.1, 0.15),
    ],
)
def test_the_cores_are_needed_for_all_that_the_process_tree_computes(
    cpu_s, process_s, starved_s, low_s, high_s
):
    """And for as long as its threads were runnable without one, at most."""
    machine = Machine(0.0, 0.0, starved_s)
    burst = burst_round(parallel(1.0), machine=machine, process_cpu_s=process_s)
    figures = measured(solo(1.0), replace(burst, server_cpu_s=cpu_s))
    assert found(CORES, figures) == pytest.approx((low_s, high_s, 2))


def test_a_request_holds_a_thread_for_as_long_as_one_alone_did():
    """Three of them held one for three seconds; nobody knows where a pool is new in the burst."""
    alone = solo(1.0, pools=(pool(),))
    figures = measured(alone, burst_round(parallel(1.0), pools=(pool(), pool("thread-pool"))))
    assert found("default-executor", figures) == (1.0, 1.0, 6)
    assert "thread-pool" not in demands_of(figures)
    once = solo(1.0, k=1, pools=(pool(held_s=1.0),))
    figures = measured(once, burst_round(parallel(1.0), pools=(pool(),)))
    assert found("default-executor", figures) == (1.0, 1.0, 6)
    unknown = measured(alone, burst_round(parallel(1.0), pools=(pool(size=None),)))
    assert found("default-executor", unknown) == (1.0, 1.0, 1)


def test_the_client_needs_its_own_time_for_an_answer():
    """With a probe or without one: then it is all that is known."""
    burst = burst_round(parallel(1.0), client_cpu_s=0.5)
    assert found(GENERATOR, measured(solo(1.0), burst)) == (0.05, 0.05, 1)
    figures = measured(replace(solo(1.0), trace=None), replace(burst, trace=None))
    assert set(demands_of(figures)) == {GENERATOR}
    null = replace(burst, floor_client_cpu_s=0.6)
    assert measured(solo(1.0), null).client_cpu_s == 0.0


def test_what_nothing_explains_is_the_demand_of_an_unknown_resource():
    """Shared out among those that had to queue: the first has its own time to itself."""
    figures = measured(solo(1.0), burst_round(serial(1.0)))
    assert found(UNKNOWN, figures) == pytest.approx((1.0, 1.0, 1))
    one = measured(solo(1.0), burst_round([3.0]))
    assert found(UNKNOWN, one) == pytest.approx((2.0, 2.0, 1))
    barely = measured(solo(1.0), burst_round([1.0 + RESOLUTION_S] * 10))
    assert UNKNOWN not in demands_of(barely)
    just = replace(barely, solo_samples_s=(0.0,) * 3, wall_s=RESOLUTION_S)
    assert UNKNOWN not in demands_of(just)


@pytest.mark.parametrize(
    ("machine", "lag_s", "starved", "added_s"),
    [
        (Machine(0.0, 0.0), 0.0, 0.0, 0.0),
        (Machine(0.0, None), 0.0, 0.0, 0.0),
        (Machine(0.0, 0.9, 0.0), 0.0, 0.0, 0.0),
        (Machine(0.0, 0.9), 0.0, 0.0, 9.0),
        (Machine(0.0, 0.1, 0.5), 0.0, 0.0, 5.0),
        (Machine(0.0, 0.1, 1.5), 0.0, 0.0, 7.5),
        (Machine(0.1, 0.0), 0.0, 0.0, 1.0),
        (Machine(0.0, 0.0, None, 0.75), 0.0, 0.0, 0.75),
        (Machine(0.0, 0.0), 0.5, 0.0, 0.5),
        (Machine(0.1, 0.1, None, 0.75), 0.5, 0.0, 3.25),
        (Machine(0.5, 0.5, 0.5, 3.0), 0.0, 0.0, 10.0),
    ],
)
def test_what_the_machine_may_have_added_is_summed_and_no_more_than_the_wall(
    machine, lag_s, starved, added_s
):
    """Of ten seconds: a lack of cores, the hypervisor, the quota and a late client."""
    burst = burst_round([10.0] * 10, machine=machine, lag_s=lag_s, cpu_s=0.5)
    assert added_by_machine_s(measured(solo(1.0), burst)) == pytest.approx(added_s)


def test_a_wall_may_be_all_the_machines_where_nobody_saw_the_servers_cpu():
    """Its threads wanted a core for as long as they had none, and perhaps for no longer."""
    figures = measured(solo(1.0), burst_round([10.0] * 10, machine=Machine(0.0, 0.1, 0.5)))
    assert added_by_machine_s(replace(figures, server_cpu_s=None)) == pytest.approx(10.0)


def test_a_measurement_brings_its_demands_and_its_cap():
    """They are saved beside the figures that they follow from."""
    figures = measured(waits(0.2, 0.2, 0.2), burst_round(serial(1.0)))
    assert figures.demands == demands_of(figures)
    assert figures.cap == cap_of(figures.demands)
