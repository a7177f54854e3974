"""Demands in; what they explain of a burst's wall, at both of its ends, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, pool, solo, stall

from neverblock.analysis.demands import (
    CORES,
    GIL,
    LOOP_WAITING,
    UNKNOWN,
    Bounds,
    both_ends,
    tree_cpu_s,
)
from neverblock.analysis.judge import judge
from neverblock.analysis.noise import added_by_machine_s, perhaps_starved_s, starved_s, woken_late_s
from neverblock.measurement import Demand, Frame, Standing
from neverblock.model import ClientHealth, Machine, Verdict
from neverblock.result import Criterion

FREE = measured(solo(1.0), burst_round(parallel(1.0)))


def test_background_work_is_taken_off_both_ends():
    """No endpoint is to blame for a periodic task; without a probe nobody saw one."""
    figures = replace(FREE, loop=replace(FREE.loop, background_s=0.25))
    for end in (0, 1):
        without, alone = (both_ends(m, m.demands)[end].wall_s for m in (FREE, figures))
        assert without - alone == pytest.approx(0.25)
    unseen = replace(figures, loop=None)
    assert both_ends(unseen, {})[0].wall_s == both_ends(FREE, {})[0].wall_s


def test_where_nobody_counts_who_lacked_a_core_all_may_have_lacked_what_others_had():
    """A quarter of two cores for two seconds; and no probe saw what of it was for no request."""
    machine = Machine(0.0, 0.25, starved_s=None)
    figures = measured(solo(1.0), burst_round([2.0] * 10, machine=machine, cpu_s=1.0))
    assert perhaps_starved_s(figures) == pytest.approx(1.0)
    assert tree_cpu_s(replace(figures, loop=None)) == 1.0


def test_what_the_loop_did_for_no_request_explains_no_wall():
    """It was busy for two seconds, and for half of one in the background."""
    figures = measured(solo(1.0), burst_round([8.0] * 10, busy_s=2.0))
    busy = replace(figures, loop=replace(figures.loop, background_loop_cpu_s=0.5))
    assert both_ends(busy, {})[0].unexplained_s == pytest.approx(8.0 - 1.0 - 1.5)


def test_a_burst_has_two_ends():
    """As seen the wall is long and one request short, and less what may be noise the reverse."""
    stalls = [stall(i * 2.0, held, off_cpu_s=held) for i, held in enumerate((0.1, 0.2, 0.3))]
    alone = solo(1.0, *stalls)
    burst = burst_round([5.0] * 10, floor_s=0.5, machine=Machine(0.1, 0.0))
    figures = replace(measured(alone, burst), solo_samples_s=(0.9, 1.0, 1.1))
    seen, least = both_ends(figures, figures.demands)
    assert (seen.wall_s, seen.own_s) == pytest.approx((4.5, 0.9))
    assert (least.wall_s, least.own_s) == pytest.approx((4.0, 1.1))
    assert seen.by[LOOP_WAITING] == pytest.approx(1.0)
    assert least.by[LOOP_WAITING] == pytest.approx(3.0)
    assert seen.unexplained_s == pytest.approx(4.5 - 0.9 - 1.0)
    assert least.unexplained_s == 0.0


def test_no_bound_is_longer_than_the_wall_was():
    """A burst cannot have needed more of a resource than the time it took."""
    demands = {CORES: Demand(9.0, 9.0, 2)}
    assert [b.by[CORES] for b in both_ends(FREE, demands)] == pytest.approx([1.02, 1.02])


def test_what_overlaps_explains_less_than_what_does_not():
    """As seen the resources work side by side; less noise, one after another."""
    stalls = [stall(i * 2.0, 0.1, off_cpu_s=0.1) for i in range(3)]
    figures = measured(
        solo(1.0, *stalls), burst_round([8.0] * 10, loop_cpu_s=2.0, client_cpu_s=0.5)
    )
    seen, least = both_ends(figures, figures.demands)
    assert seen.unexplained_s == pytest.approx(8.0 - 1.0 - (2.0 + 0.5))
    assert least.unexplained_s == pytest.approx(8.0 - 1.0 - (2.0 + 1.0 + 0.5))


def test_a_queue_that_was_seen_explains_a_wall():
    """By the time for which somebody queued, whatever the threads were taken by."""
    pools = (pool(queued_s=6.0, waiting=4),)
    figures = measured(solo(1.0), burst_round([8.0] * 10, pools=pools))
    assert [b.unexplained_s for b in both_ends(figures, figures.demands)] == pytest.approx([1, 1])


def test_a_pool_that_nobody_queued_for_is_no_queue():
    """That its threads are busy is not enough; the work of a request there comes with it."""
    alone = solo(1.0, pools=(pool(),))
    quiet = measured(alone, burst_round([2.0] * 10, pools=(pool(),)))
    assert both_ends(quiet, quiet.demands)[0].queues == ()
    queued = pool(queued_s=1.0, waiting=4)
    full = measured(alone, burst_round([2.0] * 10, pools=(queued,)))
    (queue,) = both_ends(full, full.demands)[0].queues
    assert (queue.pool, queue.queued_s, queue.work_s) == (queued, 1.0, pytest.approx(1.0))
    outside = replace(full, loop=None)
    assert both_ends(outside, outside.demands)[0].queues == ()


def test_the_work_of_a_queue_is_one_requests_however_short_the_burst_was():
    """A second in each of six threads bounds ten by 1.7 s: that these took less is no measure."""
    queued = pool(queued_s=0.5, waiting=4)
    figures = measured(solo(1.0, pools=(pool(),)), burst_round([1.2] * 10, pools=(queued,)))
    for end in both_ends(figures, figures.demands):
        assert end.by["default-executor"] == pytest.approx(1.2)
        assert [queue.work_s for queue in end.queues] == [1.0]
    new = measured(solo(1.0), burst_round([1.2] * 10, pools=(queued,)))
    assert [queue.work_s for queue in both_ends(new, new.demands)[0].queues] == [0.0]


@pytest.mark.parametrize(
    ("by", "unexplained_s", "limit"),
    [
        ({}, 0.0, UNKNOWN),
        ({CORES: 1.0}, 0.0, CORES),
        ({CORES: 1.0, GIL: 1.5}, 1.5, GIL),
        ({CORES: 1.0, GIL: 1.5}, 1.6, UNKNOWN),
    ],
)
def test_the_largest_bound_is_the_limit_unless_the_unexplained_is_larger(by, unexplained_s, limit):
    """It sets the wall."""
    assert Bounds(9.0, 1.0, by, unexplained_s, ()).limit == limit


LOCKED = Standing((Frame("/lib/asyncio/locks.py", 114, "Lock.acquire", "stdlib"),
                   Frame("/app/db.py", 30, "orders", "project")), 8.0)  # fmt: skip


@pytest.mark.parametrize(("standing", "added_s"), [((), 3.0), ((LOCKED,), 0.3)])
def test_a_busy_machine_adds_to_waits_inside_no_more_than_the_process_waited_for_a_core(
    standing, added_s
):
    """What an upstream may have been slowed down by nobody sees; of a lock the process is all."""
    machine = Machine(0.0, 0.9, starved_s=0.3, others_s=20.0)
    burst = burst_round([5.0] * 10, machine=machine, cpu_s=0.2, standing=standing)
    assert added_by_machine_s(measured(solo(0.5), burst)) == pytest.approx(added_s)


def test_a_loop_that_waits_for_whoever_has_the_gil_and_no_core_is_noise_as_well():
    """The system counts no wait for a core of it, the probe does: three that sleep 25 ms."""
    machine = Machine(0.0, 0.9, starved_s=0.03, others_s=0.55)
    late = stall(100.01, 0.21, starved_s=0.21, stacks=())
    alone, together = solo(0.025), burst_round([0.27] * 3, late, machine=machine, cpu_s=0.01)
    figures = measured(alone, together)
    assert figures.loop.burst.waiting_s == figures.loop.burst.computing_s == 0.0
    assert starved_s(figures) == pytest.approx(0.24)
    assert added_by_machine_s(figures) == pytest.approx(0.27 * 0.24 / 0.25)
    assert judge(figures, Criterion()).verdict is not Verdict.FAIL
    seen = measured(alone, burst_round([0.27] * 3, machine=machine, cpu_s=0.01))
    assert added_by_machine_s(seen) == pytest.approx(0.27 * 0.03 / 0.04)


def test_of_the_loop_counts_what_its_requests_waited_for_in_stalls_or_not():
    """A long wait for a core is a stall; many short ones are none, and the probe counts both."""
    machine = Machine(0.0, 0.9, starved_s=0.03, others_s=0.55)
    late = stall(100.01, 0.02, starved_s=0.02, stacks=())
    found = [
        starved_s(measured(solo(0.1), burst_round([0.2] * 3, late, machine=machine, starved_s=s)))
        for s in (0.0, 0.05)
    ]
    assert found == [pytest.approx(0.05), pytest.approx(0.08)]


def test_a_thread_waits_for_no_core_along_with_a_loop_that_is_hardly_late():
    """It takes the next call off the pool's queue itself; a loop that stands still has the GIL."""
    machine = Machine(0.0, 0.9, starved_s=0.03, others_s=0.55)
    late = stall(100.01, 0.02, starved_s=0.02, stacks=())
    figures = measured(solo(0.1), burst_round([0.2] * 3, late, machine=machine, starved_s=0.08))
    assert woken_late_s(figures) == pytest.approx(0.05)


def test_a_wait_for_a_core_is_explained_once():
    """It is off the wall as the machine's, and no demand of the cores beside that."""
    machine = Machine(0.0, 0.9, starved_s=0.3, others_s=20.0)
    burst = burst_round([5.0] * 10, machine=machine, cpu_s=0.2, standing=(LOCKED,))
    figures = measured(solo(0.5), burst)
    assert figures.demands[CORES].high_s > figures.demands[CORES].low_s
    least = both_ends(figures, figures.demands)[1]
    assert least.by[CORES] == pytest.approx(0.2 / 2)


def test_a_client_that_was_late_again_and_again_added_all_of_it():
    """A burst is sent and read by one thread: what it came late at the one adds to the other."""
    burst = burst_round([5.0] * 10, lag_s=0.2)
    late = replace(burst, burst=replace(burst.burst, client=ClientHealth(0.2, 0.0, late_s=0.7)))
    assert added_by_machine_s(measured(solo(0.5), burst)) == pytest.approx(0.2)
    assert added_by_machine_s(measured(solo(0.5), late)) == pytest.approx(0.7)
