"""The predicates of the diagnosis, each just at its limit and just beyond it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, solo
from neverblock.analysis.diagnose import (
    computes_on_loop,
    cores_used,
    cpu_diagnosis,
    cpu_limited,
    executor_full,
    gil_bound,
    loop_fault,
    overlaps,
    share_of,
    short_in_series,
    too_short,
    usable_cores,
)

from neverblock.measurement import Executors
from neverblock.model import Diagnosis, Machine
from neverblock.result import Criterion

FREE = measured(solo(1.0), burst_round(parallel(1.0)))


def figures(solo_holds=None, burst_holds=None, loop=None, **more):
    """Give a free endpoint's figures, but for these."""
    base = FREE.loop
    changed = replace(
        base,
        solo=replace(base.solo, **(solo_holds or {})),
        burst=replace(base.burst, **(burst_holds or {})),
        **(loop or {}),
    )
    return replace(FREE, loop=changed, **more)


def test_what_the_probe_just_resolves_is_no_wait_yet():
    """2 ms are the heartbeat's own interval."""
    assert share_of(0.002, 0.004) == 0.0
    assert share_of(0.0021, 0.0042) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("held", "fault"),
    [
        ({"waiting_s": 0.1}, None),
        ({"waiting_s": 0.11}, Diagnosis.BLOCKING_IO),
        ({"longest_computing_s": 0.05}, None),
        ({"longest_computing_s": 0.051}, Diagnosis.BLOCKING_CPU),
        ({"longest_gil_held_s": 0.05}, None),
        ({"longest_gil_held_s": 0.051}, Diagnosis.GIL_HELD),
        ({"longest_gil_held_s": 0.3, "longest_computing_s": 0.2}, Diagnosis.GIL_HELD),
        ({"waiting_s": 0.3, "longest_computing_s": 0.2}, Diagnosis.BLOCKING_IO),
    ],
)
def test_a_limit_may_be_reached_and_not_passed(held, fault):
    """And of two faults the larger is told."""
    assert loop_fault(figures(held), Criterion()) is fault


def test_a_crowd_at_just_half_of_the_ideal_does_not_overlap():
    """As a burst of just twice one request does not."""
    crowd = replace(FREE, closed_loop=True)
    assert not overlaps(replace(crowd, efficiency=0.5), Criterion())
    assert overlaps(replace(crowd, efficiency=0.51), Criterion())


def test_a_burst_of_just_the_loop_limit_is_not_too_short():
    """Somebody may have waited for so long; in a crowd somebody always may."""
    assert not too_short(replace(FREE, wall_s=0.05), Criterion())
    assert too_short(replace(FREE, wall_s=0.049), Criterion())
    assert not too_short(replace(FREE, wall_s=0.01, closed_loop=True), Criterion())


def test_ten_requests_of_a_tenth_of_the_loop_limit_are_not_short():
    """One after another they may keep somebody waiting; in a crowd there is no after."""
    assert not short_in_series(replace(FREE, serial_bound_s=0.05), Criterion())
    assert short_in_series(replace(FREE, serial_bound_s=0.049), Criterion())
    assert not short_in_series(replace(FREE, serial_bound_s=0.01, closed_loop=True), Criterion())


def test_cores_that_nobody_counted_are_none():
    """From outside the server's CPU time is not known."""
    assert cores_used(replace(FREE, wall_s=2.0, server_cpu_s=3.0)) == 1.5
    assert cores_used(replace(FREE, server_cpu_s=None)) == 0.0


@pytest.mark.parametrize(
    ("machine", "cores"),
    [
        (Machine(0.0, 0.0), 4.0),
        (Machine(0.0, None), 4.0),
        (Machine(0.25, 0.0), 3.0),
        (Machine(0.25, 0.5), 1.0),
        (Machine(0.5, 0.5), 0.5),
    ],
)
def test_what_others_took_the_server_could_not_use(machine, cores):
    """The hypervisor and other processes alike; half a core is always its own."""
    assert usable_cores(replace(FREE, cpus=4, machine=machine)) == pytest.approx(cores)


@pytest.mark.parametrize(
    ("gil_s", "cpu_s", "machine", "bound"),
    [
        (0.04, 1.6, Machine(0.0, 0.0), True),
        (0.039, 1.6, Machine(0.0, 0.0), False),
        (0.04, 1.59, Machine(0.0, 0.0), False),
        (0.04, 0.81, Machine(0.0, 0.75), True),
        (0.04, 0.79, Machine(0.0, 0.75), False),
    ],
)
def test_the_gil_is_the_limit_where_one_core_is_used_up_and_the_loop_waits(
    gil_s, cpu_s, machine, bound
):
    """A fifth of 2 s of burst, over ten requests; four fifths of a core, or of what is left."""
    found = figures(
        burst_holds={"gil_s": gil_s}, wall_s=2.0, server_cpu_s=cpu_s, machine=machine, cpus=2
    )
    assert gil_bound(found) is bound
    assert gil_bound(replace(found, loop=None)) is False


@pytest.mark.parametrize(
    ("gil_s", "starved_s", "bound"),
    [(0.16, 0.6, True), (0.16, 0.59, False), (0.159, 1.9, False), (0.16, None, False)],
)
def test_who_has_the_gil_has_it_without_a_core_as_well(gil_s, starved_s, bound):
    """Of 2 s of burst the loop waits 1.6 for it, and others compute 1.0 of them."""
    machine = Machine(steal=0.0, busy=0.3, starved_s=starved_s)
    found = figures(
        burst_holds={"gil_s": gil_s}, wall_s=2.0, server_cpu_s=1.0, machine=machine, cpus=2
    )
    assert gil_bound(found) is bound


@pytest.mark.parametrize(
    ("loop_cpu_s", "cpu_s", "starved_s", "computes"),
    [
        (1.6, 1.6, 0.0, True),
        (1.59, 1.6, 0.0, False),
        (1.2, 1.2, 0.04, True),
        (1.2, 1.2, 0.039, False),
        (1.62, 2.7, 0.0, True),
        (1.62, 2.71, 0.0, False),
        (1.6, None, 0.0, True),
    ],
)
def test_the_loop_computes_where_it_used_most_and_all_it_could_get(
    loop_cpu_s, cpu_s, starved_s, computes
):
    """Of 2 s of burst four fifths, what it had no core for included."""
    found = figures(
        burst_holds={"starved_s": starved_s},
        loop={"cpu_s": loop_cpu_s},
        wall_s=2.0,
        server_cpu_s=cpu_s,
    )
    assert computes_on_loop(found) is computes
    assert computes_on_loop(replace(found, loop=None)) is False


def test_a_loop_that_used_half_a_second_of_a_short_burst_computes():
    """Where the server's own CPU time is not known, the loop's is all there is."""
    assert computes_on_loop(figures(loop={"cpu_s": 0.5}, wall_s=0.6, server_cpu_s=None))


def test_the_cpu_is_the_limit_from_four_fifths_of_all_cores_on():
    """Of two of them in one second."""
    busy = replace(FREE, wall_s=1.0, cpus=2)
    assert cpu_limited(replace(busy, server_cpu_s=1.6))
    assert not cpu_limited(replace(busy, server_cpu_s=1.59))


@pytest.mark.parametrize(
    ("executors", "full"),
    [
        (Executors(), False),
        (Executors(anyio_waiting=1), True),
        (Executors(default_queued=1), True),
        (Executors(default_busy=6, anyio_borrowed=40), False),
    ],
)
def test_a_pool_is_full_where_one_request_waits_for_it(executors, full):
    """That all its threads are busy is not enough; and without a probe nobody saw."""
    found = figures(loop={"executors": executors})
    assert executor_full(found) is full
    assert executor_full(replace(found, loop=None)) is False


@pytest.mark.parametrize(
    ("cpu_s", "diagnosis"),
    [
        (3.0, Diagnosis.GIL_CONTENTION),
        (3.19, Diagnosis.GIL_CONTENTION),
        (3.2, Diagnosis.CPU_BOUND),
        (4.0, Diagnosis.CPU_BOUND),
    ],
)
def test_threads_that_use_two_cores_do_not_wait_for_one_lock(cpu_s, diagnosis):
    """The GIL allows one; from 1.6 on it is the cores that are used up."""
    found = figures(burst_holds={"gil_s": 0.1}, wall_s=2.0, server_cpu_s=cpu_s, cpus=4)
    assert cpu_diagnosis(found, Criterion()) is diagnosis


@pytest.mark.parametrize(
    ("gil_s", "busy", "diagnosis"),
    [
        (0.099, 0.5, Diagnosis.CPU_BOUND),
        (0.1, 0.5, Diagnosis.GIL_CONTENTION),
        (0.099, 0.3, Diagnosis.GIL_CONTENTION),
        (0.04, 0.3, Diagnosis.GIL_CONTENTION),
    ],
)
def test_one_core_used_up_of_one_that_is_left_needs_half_of_the_burst_for_the_gil(
    gil_s, busy, diagnosis
):
    """Else it is the core: whoever computes without the GIL takes no more where no more is left."""
    machine = Machine(steal=0.0, busy=busy)
    found = figures(
        burst_holds={"gil_s": gil_s}, wall_s=2.0, server_cpu_s=1.8, cpus=2, machine=machine
    )
    assert cpu_diagnosis(found, Criterion()) is diagnosis


@pytest.mark.parametrize(
    ("starved_s", "diagnosis"),
    [
        (None, Diagnosis.COOPERATIVE_CPU),
        (0.009, Diagnosis.COOPERATIVE_CPU),
        (0.011, Diagnosis.CONCURRENT),
    ],
)
def test_a_burst_is_short_that_would_have_been_with_its_cores(starved_s, diagnosis):
    """60 ms, of which the server waited for a core for so long: below 50 nobody noticed."""
    machine = Machine(steal=0.0, busy=0.5, starved_s=starved_s)
    found = figures(
        loop={"cpu_s": 0.05}, wall_s=0.06, floor_s=0.0, server_cpu_s=0.05, machine=machine
    )
    assert cpu_diagnosis(found, Criterion()) is diagnosis


@pytest.mark.parametrize(
    ("cpu_s", "diagnosis"), [(2.0, Diagnosis.CPU_BOUND), (0.09, Diagnosis.CONCURRENT)]
)
def test_no_core_makes_a_burst_short_that_computes_for_long(cpu_s, diagnosis):
    """Processes on two cores that waited for them as long as the burst took, all together."""
    machine = Machine(steal=0.0, busy=0.2, starved_s=1.39)
    found = figures(wall_s=1.42, floor_s=0.0, server_cpu_s=cpu_s, cpus=2, machine=machine)
    assert cpu_diagnosis(found, Criterion()) is diagnosis


@pytest.mark.parametrize(
    ("own_s", "diagnosis"), [(0.0034, Diagnosis.CONCURRENT), (0.006, Diagnosis.COOPERATIVE_CPU)]
)
def test_a_loop_that_computes_for_more_than_the_requests_do_alone(own_s, diagnosis):
    """Ten of 3.4 ms took 70 on a slow machine, whose connections and cold caches made the rest."""
    found = figures(
        loop={"cpu_s": 0.06},
        solo_s=own_s,
        serial_bound_s=10 * own_s,
        wall_s=0.07,
        floor_s=0.0,
        server_cpu_s=0.06,
    )
    assert cpu_diagnosis(found, Criterion()) is diagnosis
