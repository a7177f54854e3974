from __future__ import annotations

import ast
import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from neverblock.analysis.queue_advice import default_threads, queue_advice
from neverblock.analysis.reason import reason
from neverblock.measurement import (
    CanaryFigures,
    Demand,
    Frame,
    HoldFigures,
    LoopFigures,
    Measurement,
    Pool,
)
from neverblock.model import Diagnosis, Machine
from neverblock.result import Criterion

if TYPE_CHECKING:
    from neverblock.result import Advice

NOTHING = HoldFigures(10)
CANARY = CanaryFigures(0.05, 100, 0, 0.01, 0.002, 0.0)
LOOP = LoopFigures(armed=True, loop="asyncio", held=0.0, solo=NOTHING, burst=NOTHING)
SEEN = Measurement(
    n=10,
    requests=10,
    closed_loop=False,
    solo_s=1.0,
    solo_samples_s=(1.0,),
    serial_bound_s=10.0,
    wall_s=2.0,
    walls_s=(2.0,),
    limit_s=2.0,
    floor_s=0.0,
    speedup=5.0,
    efficiency=0.5,
    serial_fraction=0.1,
    warm_up_s=1.0,
    canary=CANARY,
    solo_canary=CANARY,
    loop=LOOP,
    server_cpu_s=0.0,
    cpus=2,
    client_lag_s=0.0,
    machine=Machine(0.0, 0.0),
)


def for_pool(measurement: Measurement) -> Advice | None:
    """Give the advice where requests queue for threads."""
    return queue_advice(measurement, Diagnosis.EXECUTOR_SATURATED)


def for_wait(measurement: Measurement) -> Advice | None:
    """Give the advice where requests go one by one."""
    return queue_advice(measurement, Diagnosis.SERIALIZED)


def queued(name: str, size: int | None, waiting: int, **demands: Demand) -> Measurement:
    """Give a measurement in which requests queued for a pool, each for a second in a thread."""
    pool = Pool(name, size, held_s=10.0, queued_s=1.0, waiting=waiting)
    demands = {name: Demand(1.0, 1.0, size or 1), **demands}
    return replace(SEEN, demands=demands, loop=replace(LOOP, pools=(pool,)))


def waited(target: str | None, call: str | None, waiting: int = 9) -> Measurement:
    """Give a measurement in which requests waited at one line, and one elsewhere."""
    place = Frame("app/db.py", 30, "load", "project", call=call, target=target)
    other = Frame("app/db.py", 31, "load", "project", call="connection.fetch")
    return replace(SEEN, loop=replace(LOOP, waits=((other, 1), (place, waiting))))


def test_the_default_executor_by_its_size():
    """As many threads as were taken and waited for are set; what other machines have is said."""
    advice = for_pool(queued("default-executor", 6, 4))
    assert advice.instead == "a default executor of 10 threads, in the lifespan"
    assert "set_default_executor(ThreadPoolExecutor(max_workers=10))" in advice.code
    assert "with 6 threads, at most 6 of them a second" in advice.why
    assert "6 with 2 cores here, 5 with 1, 8 with 4, 12 with 8" in advice.why


def test_a_default_executor_that_the_app_sized():
    """A size that the machine does not explain is not said to be the machine's."""
    advice = for_pool(queued("default-executor", 3, 7))
    assert "3 threads" in advice.why
    assert "here" not in advice.why


def test_one_request_may_need_many_threads():
    """What waited counts, and not the requests alone: each may ask for several threads."""
    assert "max_workers=100" in for_pool(queued("default-executor", 6, 94)).code


@pytest.mark.parametrize(("size", "waiting"), [(2, 9), (2, 10), (6, 9), (9, 1)])
def test_ten_requests_need_no_more_than_ten_threads(size, waiting):
    """A call that a thread is about to take is seen to wait, and the thread to be taken."""
    assert "10 requests at once need 10," in for_pool(queued("thread-pool", size, waiting)).why


@pytest.mark.parametrize(("size", "waiting"), [(2, 18), (9, 11), (12, 8), (10, 10)])
def test_ten_requests_may_need_twenty(size, waiting):
    """More calls wait than there are requests, or have all of their threads already."""
    assert "10 requests at once need 20," in for_pool(queued("thread-pool", size, waiting)).why


def test_the_limiter_of_anyio():
    """Its tokens are raised to what n at once need, from 40."""
    many = replace(queued("anyio-tokens", 40, 10), n=50, requests=50)
    advice = for_pool(many)
    assert advice.code.endswith(".total_tokens = 50")
    assert "40 tokens by default" in advice.why


def test_a_pool_of_the_apps_own():
    """Its max_workers are what to change; one thread alone is known from asgiref."""
    advice = for_pool(queued("thread-pool", 2, 8))
    assert advice.code == "executor = ThreadPoolExecutor(max_workers=10)"
    assert "sync_to_async" not in advice.why
    assert "thread_sensitive=False" in for_pool(queued("thread-pool", 1, 9)).why


def test_a_pool_of_unknown_size():
    """Where the size is not known, the requests alone say how many threads are needed."""
    advice = for_pool(queued("thread-pool", None, 3))
    assert "max_workers=10" in advice.code
    assert "None" not in advice.why


def test_one_core_and_one_thread_are_in_the_singular():
    """Figures are read by people."""
    assert "5 with 1 core here" in for_pool(replace(queued("default-executor", 5, 5), cpus=1)).why
    assert "with 1 thread, at" in for_pool(queued("thread-pool", 1, 9)).why


@pytest.mark.parametrize(
    ("target", "call", "setting"),
    [
        ("asyncio.locks.Lock.acquire", "lock.acquire", "locks["),
        ("asyncio.locks._ContextManagerMixin.__aenter__", "lock", "locks["),
        ("asyncio.locks.Semaphore.acquire", "semaphore.acquire", "Semaphore(50)"),
        ("anyio._core._synchronization.CapacityLimiter.__aenter__", "limiter", "Semaphore(50)"),
        ("asyncio.queues.Queue.get", "jobs.get", "put_nowait"),
        ("asyncio.queues.Queue.join", "jobs.join", "create_task"),
        ("asyncpg.pool.Pool.acquire", "pool.acquire", "asyncpg.create_pool(dsn, max_size=20)"),
        ("psycopg_pool.pool_async.AsyncConnectionPool.connection", "pool.connection", "min_size=4"),
        ("sqlalchemy.ext.asyncio.session.AsyncSession.execute", "session.execute", "pool_size=20"),
        ("aiomysql.pool.Pool._acquire", "pool.acquire", "maxsize=20"),
        ("redis.asyncio.client.Redis.get", "redis.get", "max_connections=50"),
        ("redis.asyncio.lock.Lock.__aenter__", "redis.lock", "redis.lock(f"),
        ("aiosqlite.context.Result.__aenter__", "db.execute", "aiosqlite.connect"),
        ("pymongo.asynchronous.collection.AsyncCollection.find_one", "c.find_one", "maxPoolSize"),
        ("httpx._client.AsyncClient.get", "http.get", "httpx.Limits"),
        ("aiohttp.client.ClientSession.get", "session.get", "TCPConnector(limit=200"),
        ("asgiref.sync.SyncToAsync.__call__", "sync_to_async(find)", "thread_sensitive=False"),
        ("asyncio.base_events.BaseEventLoop.run_in_executor", "loop.run", "max_workers=10"),
        (None, "asyncio.get_running_loop().run_in_executor", "max_workers=10"),
        ("anyio.to_thread.run_sync", "to_thread.run_sync", "CapacityLimiter(10)"),
        ("starlette.concurrency.run_in_threadpool", "in_thread", "CapacityLimiter(10)"),
        ("app.db.load", "load", "max_size=20"),
        ("asyncio.tasks.sleep", "asyncio.sleep", "async with lock"),
        (None, None, "max_size=20"),
    ],
)
def test_what_is_awaited_says_which_setting(target, call, setting):
    """Each lock, pool and client has its own setting; the reason says where they wait."""
    advice = for_wait(waited(target, call))
    assert setting in advice.code
    where = f"9 of 10 requests wait at app/db.py:30 {call or 'load'}"
    assert reason(waited(target, call), Diagnosis.SERIALIZED, Criterion()).startswith(
        f"requests go one by one, {where}: 10 requests took "
    )


def test_a_future_is_told_as_what_is_awaited():
    """Its name alone says nothing of that."""
    told = reason(waited(None, "done"), Diagnosis.SERIALIZED, Criterion())
    assert "wait at app/db.py:30 await done: " in told


def test_real_locks_are_known_by_name():
    """What asyncio's own classes are called is what the table has."""
    for kind, setting in ((asyncio.Lock, "locks["), (asyncio.Semaphore, "Semaphore(50)")):
        name = f"{kind.acquire.__module__}.{kind.acquire.__qualname__}"
        assert setting in for_wait(waited(name, "guard.acquire")).code


def test_the_diagnosis_decides_which_queue_it_is():
    """Where both were seen, the advice is about the one that the verdict is about."""
    both = queued("default-executor", 6, 1)
    locks = waited("asyncio.locks.Lock.acquire", "lock.acquire").loop.waits
    both = replace(both, loop=replace(both.loop, waits=locks))
    assert "locks[" in for_wait(both).code
    assert "set_default_executor" in for_pool(both).code
    for free in (Diagnosis.CONCURRENT, Diagnosis.BLOCKING_IO, Diagnosis.INCONCLUSIVE):
        assert queue_advice(both, free) is None


def test_the_longest_queue_is_the_one_to_widen():
    """Requests may queue for two pools; the one that is queued for the longest comes first."""
    pools = (Pool("default-executor", 6, 9.0, 0.5, 1), Pool("anyio-tokens", 40, 9.0, 0.6, 1))
    assert "total_tokens" in for_pool(replace(SEEN, loop=replace(LOOP, pools=pools))).code


@pytest.mark.parametrize(
    "measurement",
    [
        SEEN,
        replace(SEEN, loop=None),
        waited("asyncpg.pool.Pool.acquire", "pool.acquire", 1),
        replace(SEEN, loop=replace(LOOP, pools=(Pool("anyio-tokens", 40, 1.0, 0.0, 0),))),
    ],
)
def test_nothing_is_said_where_no_queue_was_seen(measurement):
    """No probe, no wait, one that waits alone, a pool with room: no advice."""
    assert for_wait(measurement) is None
    assert for_pool(measurement) is None


@pytest.mark.parametrize("name", ["default-executor", "anyio-tokens", "thread-pool"])
def test_code_is_python(name):
    """What is printed about a pool can be typed."""
    assert ast.parse(for_pool(queued(name, 6, 4)).code)


def test_the_default_executor_is_sized_as_documented():
    """Four more threads than cores, and no more than 32."""
    assert [default_threads(cores) for cores in (1, 2, 8, 28, 64)] == [5, 6, 12, 32, 32]
