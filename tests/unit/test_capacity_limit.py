"""What a level used and where its requests stood give the limit its name."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from builders import burst_round, measured, parallel, solo, stall
from levels import ACQUIRE, seen

from neverblock.analysis.capacity.bounds import disagree, grown, next_limits, predicted
from neverblock.analysis.capacity.limit import name_limit, seen_of
from neverblock.analysis.demands import UNKNOWN
from neverblock.analysis.standing import places_of
from neverblock.measurement import Demand, Frame, LoopTrace, Pool, Stack, Standing
from neverblock.result.capacity import Limit, NextLimit


def frame(file: str, function: str) -> Frame:
    """Give a frame of a library."""
    return Frame(f"/env/site-packages/{file}", 1, function, "library")


WAITS = {
    "asyncpg's pool": (
        [frame("asyncio/queues.py", "Queue.get"),
         frame("asyncpg/pool.py", "Pool._acquire.<locals>._acquire_impl")],
        Limit.CONNECTION_POOL,
    ),
    "psycopg's pool": (
        [frame("asyncio/locks.py", "Event.wait"),
         frame("psycopg_pool/pool_async.py", "WaitingClient.wait")],
        Limit.CONNECTION_POOL,
    ),
    "SQLAlchemy's pool": (
        [frame("asyncio/queues.py", "Queue.get"),
         frame("sqlalchemy/util/concurrency.py", "greenlet_spawn")],
        Limit.CONNECTION_POOL,
    ),
    "httpx's pool": (
        [frame("anyio/_backends/_asyncio.py", "Event.wait"),
         frame("httpcore/_async/connection_pool.py", "AsyncPoolRequest.wait_for_connection")],
        Limit.CONNECTION_POOL,
    ),
    "a lock": ([frame("asyncio/locks.py", "Lock.acquire")], Limit.LOCK),
    "a semaphore": ([frame("asyncio/locks.py", "Semaphore.acquire")], Limit.SEMAPHORE),
    "a limiter": ([frame("asyncio/tasks.py", "sleep")], Limit.RATE_LIMIT),
    "an upstream": (
        [frame("asyncio/locks.py", "Event.wait"),
         frame("httpcore/_async/http11.py", "AsyncHTTP11Connection._receive_response_headers")],
        Limit.UPSTREAM,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WAITS)
def test_what_waits_is_known_by_the_library_that_it_waits_in(name):
    """The innermost line of the app's own is named, and the queue by what is beneath it."""
    inner, limit = WAITS[name]
    (place,) = places_of([Standing((*inner, ACQUIRE), 12.0)])
    assert (place.frame, place.limit, place.at_once) == (ACQUIRE, limit, 12.0)


def test_a_task_that_waits_for_its_thread_stands_where_the_thread_does():
    """Else it would be counted twice."""
    task = Standing((frame("anyio/to_thread.py", "run_sync"), ACQUIRE), 5.0)
    thread = Standing((frame("psycopg2/pool.py", "getconn"), ACQUIRE), 5.0, in_thread=True)
    (place,) = places_of([task, thread])
    assert (place.limit, place.at_once) == (Limit.CONNECTION_POOL, 5.0)


def test_an_idle_worker_stands_nowhere():
    """No line of the app's own is on its stack."""
    idle = Standing((frame("concurrent/futures/thread.py", "_worker"),), 8.0, in_thread=True)
    assert places_of([idle]) == []


@pytest.mark.parametrize("seed", range(30))
def test_requests_on_top_name_the_queue_and_its_size(seed):
    """Of a pool of c, the requests beyond c stand before it, whatever c is."""
    random = Random(seed)  # noqa: S311 - cases, no secret
    size, more = random.randint(1, 50), random.randint(2, 60)
    found = name_limit(seen(size), seen(size + more, queued=float(more)))
    assert found.limit is Limit.CONNECTION_POOL
    assert (found.seen.file, found.seen.line, found.seen.call) == ("/app/db.py", 30, "pool.acquire")
    assert found.seen.share == pytest.approx(1.0)
    assert found.size == size


@pytest.mark.parametrize(("size", "said"), [(1, None), (2, None), (4, 4), (9, 9)])
def test_of_a_pool_of_threads_those_that_are_served_stand_at_the_same_line(size, said):
    """Its size is how many stand there at the knee, where the queue is still empty."""
    knee = max(2, size)
    here = {"limit": Limit.THREAD_POOL}
    found = name_limit(
        seen(knee, queued=float(knee), **here), seen(knee + 8, queued=knee + 8.0, **here)
    )
    assert (found.limit, found.size) == (Limit.THREAD_POOL, said)


def test_a_line_at_which_as_many_stand_with_more_load_is_no_limit():
    """What one request waits for by itself, one more does not make longer."""
    found = name_limit(seen(20, queued=10.0), seen(40, queued=12.0))
    assert found.limit is Limit.UNKNOWN


@pytest.mark.parametrize("name", ["loop-waiting", "loop-computing", "gil", "cores"])
def test_what_is_in_use_all_the_time_is_the_limit(name):
    """Also where requests queue for a lock that is held meanwhile."""
    found = name_limit(seen(1, {name: 0.9}), seen(5, {name: 0.97}, queued=4.0))
    assert found.limit == name


def test_cores_that_others_have_do_not_hide_what_is_full_itself():
    """On a busy machine both are: the GIL would be with more cores as well."""
    used = {"gil": 0.9, "cores": 1.0}
    assert name_limit(seen(1, used), seen(5, used)).limit is Limit.GIL


def test_a_loop_that_waits_and_computes_by_turns_is_full_in_sum():
    """The larger part gives the name."""
    used = {"loop-waiting": 0.3, "loop-computing": 0.65}
    assert name_limit(seen(1, used), seen(5, used)).limit is Limit.LOOP_COMPUTING


def test_a_pool_of_threads_that_is_full_is_the_limit_with_its_size():
    """Requests before it stand in the framework, on no line of the app's own."""
    used, sizes = {"anyio-tokens": 0.98}, {"anyio-tokens": 40.0}
    found = name_limit(seen(40, used, sizes=sizes), seen(64, used, sizes=sizes))
    assert (found.limit, found.size) == (Limit.ANYIO_TOKENS, 40.0)


@pytest.mark.parametrize("limit", [Limit.RATE_LIMIT, Limit.UPSTREAM])
def test_what_the_threads_of_a_full_pool_do_is_no_queue(limit):
    """More of them sleep or ask beyond the knee, at which a few of the pool's had nothing to do."""
    used, sizes = {"thread-pool": 1.0}, {"thread-pool": 256.0}
    at = seen(144, {"thread-pool": 0.8}, sizes=sizes, queued=90.0, limit=limit)
    found = name_limit(at, seen(377, used, sizes=sizes, queued=256.0, limit=limit))
    assert (found.limit, found.size) == (Limit.THREAD_POOL, 256.0)


def test_shares_are_of_the_time_that_was_watched():
    """A loop that computed for half of it is used by half, and a pool by its threads."""
    trace = LoopTrace(0.0, 2.0, armed=True, loop_cpu_s=1.0, process_cpu_s=1.0,
                      pools=(Pool("default-executor", 6, 12.0, 1.5, 4),))  # fmt: skip
    found = seen_of(9, trace, 1.5, 0.5, 2, 100.0)
    assert found.used["loop-computing"] == pytest.approx(0.5)
    assert found.used["cores"] == pytest.approx(0.5)
    assert found.used["default-executor"] == pytest.approx(1.0)
    assert found.needs_s["loop-computing"] == pytest.approx(0.01)
    assert "gil" not in found.used
    assert seen_of(9, None, 1.0, 0.0, 2, 1.0).used == {}


def waiting(start_s, length_s):
    """Give a stall in which a request waited all the time."""
    stacks = (Stack((ACQUIRE,), length_s, on_cpu=False),)
    return stall(start_s, length_s, off_cpu_s=length_s, stacks=stacks)


@pytest.mark.parametrize("seed", range(30))
def test_no_share_is_of_more_than_all_of_the_time(seed):
    """However many threads waited for a core, and however far stalls reach beyond the level."""
    random = Random(seed)  # noqa: S311 - cases, no secret
    from_s, span_s, cpus = random.uniform(1, 9), random.uniform(0.5, 4), random.choice([1, 2, 8])
    starts = [from_s + random.uniform(-2, span_s) for _ in range(20)]
    stalls = tuple(waiting(start_s, random.uniform(0.1, 3)) for start_s in starts)
    trace = LoopTrace(
        from_s, from_s + span_s, armed=True, stalls=stalls,
        loop_cpu_s=random.uniform(0, 2 * span_s), process_cpu_s=random.uniform(0, 4 * span_s),
        pools=(Pool("anyio-tokens", 4, random.uniform(0, 8 * span_s), 0.0, 4),),
    )  # fmt: skip
    server_s, starved_s = random.uniform(0, cpus * span_s), random.uniform(0, 20 * span_s)
    found = seen_of(9, trace, server_s, starved_s, cpus, 100.0)
    assert all(0 <= share <= 1 for share in (*found.used.values(), found.starved))


def test_threads_of_the_server_itself_take_no_core_from_it():
    """On two full cores six threads are runnable without one, and nobody else had any."""
    trace = LoopTrace(0.0, 2.0, armed=True)
    alone = seen_of(8, trace, 4.0, 12.0, 2, 100.0)
    assert (alone.used["cores"], alone.starved) == (1.0, 0.0)
    beside = seen_of(8, trace, 3.0, 12.0, 2, 100.0)
    assert (beside.used["cores"], beside.starved) == (1.0, 0.25)


def test_of_a_stall_counts_what_lies_within_the_level():
    """A wait of two seconds that begins a second before its end was in use for half of it."""
    trace = LoopTrace(0.0, 2.0, armed=True, stalls=(waiting(1.0, 2.0),))
    assert seen_of(1, trace, 0.0, 0.0, 2, 1.0).used["loop-waiting"] == pytest.approx(0.5)


def test_a_loop_that_waits_for_a_core_is_in_use():
    """It serves nobody meanwhile; what a request needs of it is no more by that."""
    stalls = (stall(0.5, 0.6, starved_s=0.5, on_cpu_s=0.1),)
    found = seen_of(1, LoopTrace(0.0, 2.0, armed=True, stalls=stalls, loop_cpu_s=1.4), 1, 1, 2, 10)
    assert found.used["loop-computing"] == pytest.approx(0.95)
    assert found.needs_s["loop-computing"] == pytest.approx(0.14)


def test_a_loop_whose_own_threads_have_the_only_core_is_not_the_limit():
    """With one more core it would wait for none: the cores are, and would not be if others ran."""
    stalls = (stall(0.9, 1.1, starved_s=1.0, on_cpu_s=0.1),)
    trace = LoopTrace(0.0, 2.0, armed=True, stalls=stalls, loop_cpu_s=0.9, process_cpu_s=2.0)
    alone, beside = (seen_of(8, trace, cpu_s, 9.0, 1, 80) for cpu_s in (2.0, 0.9))
    assert name_limit(alone, alone).limit is Limit.CORES
    assert name_limit(beside, beside).limit is Limit.LOOP_COMPUTING


def test_a_loop_that_waits_inside_requests_and_then_for_a_core_is_in_use():
    """Twenty milliseconds each time, and five for a core that others have."""
    stalls = tuple(
        replace(waiting(at / 40, 0.025), off_cpu_s=0.02, starved_s=0.005) for at in range(80)
    )
    trace = LoopTrace(0.0, 2.0, armed=True, stalls=stalls, loop_cpu_s=0.02, process_cpu_s=0.02)
    used = seen_of(2, trace, 0.1, 1.0, 2, 80).used
    assert used["loop-waiting"] + used["loop-computing"] == pytest.approx(1.0, abs=0.02)


def test_a_loop_that_is_woken_late_beside_others_is_in_use_for_no_longer_than_it_ran_twice():
    """It beats, each time after a wait for a core; one that always wants it would have had half."""
    stalls = (stall(0.2, 1.7, starved_s=1.6, on_cpu_s=0.1),)
    trace = LoopTrace(0.0, 2.0, armed=True, stalls=stalls, loop_cpu_s=0.1, process_cpu_s=0.1)
    used = seen_of(40, trace, 0.2, 9.0, 2, 80).used
    assert (used["loop-computing"], used["cores"]) == (pytest.approx(0.1), pytest.approx(0.1))


DEMANDS = {
    "loop-computing": Demand(0.001, 0.001, 1),
    "gil": Demand(0.001, 0.001, 1),
    "cores": Demand(0.002, 0.004, 2),
    "anyio-tokens": Demand(0.2, 0.2, 40),
    "generator": Demand(0.1, 0.1, 1),
}


def test_the_next_limits_are_those_above_the_ceiling():
    """The lowest comes first; neither the limit itself nor the generator is among them."""
    found = next_limits(DEMANDS, Limit.CONNECTION_POOL, 40.0)
    assert found == (
        NextLimit(Limit.ANYIO_TOKENS, 200.0),
        NextLimit(Limit.LOOP_COMPUTING, 1000.0),
        NextLimit(Limit.CORES, 1000.0),
    )
    assert next_limits(DEMANDS, Limit.ANYIO_TOKENS, 200.0)[0].limit is Limit.LOOP_COMPUTING


def checked(wall_s, demands):
    """Give a check of ten requests of 200 ms each that took so long together."""
    figures = measured(solo(0.2), burst_round(parallel(0.2)))
    return replace(figures, demands=demands, wall_s=wall_s, floor_s=0.0)


def test_a_prediction_is_the_lowest_bound():
    """A pool of eight that keeps a request for 200 ms lets 40 a second through."""
    free = checked(0.2, DEMANDS)
    assert predicted(free, Limit.CONNECTION_POOL, 8) == (40.0, "connection-pool")
    assert predicted(free, Limit.ANYIO_TOKENS) == (200.0, "anyio-tokens")
    assert predicted(checked(0.2, {}), Limit.UNKNOWN) is None


@pytest.mark.parametrize(
    ("limit", "size", "per_s"), [(Limit.LOCK, 1, 40.0), (Limit.RATE_LIMIT, None, 40.0)]
)
def test_what_lets_in_one_at_a_time_is_predicted_by_what_each_adds_to_a_burst(limit, size, per_s):
    """What the server did meanwhile explains a part of the wall, and makes no turn shorter."""
    queued = checked(0.2 + 9 * 0.025, DEMANDS | {UNKNOWN: Demand(0.01, 0.015, 1)})
    assert predicted(queued, limit, size) == (pytest.approx(per_s), limit.value)
    assert predicted(queued, Limit.UNKNOWN) == (pytest.approx(1 / 0.015), "unknown")


def test_a_prediction_that_misses_by_a_fifth_names_what_grows():
    """The demand that takes more of a request under load is a finding in itself."""
    assert disagree(100.0, 79.0)
    assert not disagree(100.0, 119.0)
    before, now = {"loop-computing": 0.001, "cores": 0.002}, {"loop-computing": 0.003}
    assert grown(before, now, ["loop-computing", "cores"]) == ("loop-computing", 0.001, 0.003)
    assert grown(before, before, ["loop-computing", "cores"]) is None
