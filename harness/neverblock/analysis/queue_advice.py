"""What to change where requests queue while the loop is free: a pool's size, or what is awaited.

Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.advice import advise
from neverblock.analysis.reason import busiest_pool
from neverblock.analysis.waiting import busiest_wait
from neverblock.model import Diagnosis
from neverblock.result import Advice
from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from neverblock.measurement import Measurement, Pool

THREADS = "Threads that only wait cost little; an asynchronous client needs none."


def queue_advice(measurement: Measurement, diagnosis: Diagnosis) -> Advice | None:
    """Say what to change about the queue that a diagnosis is about; None where it is about none.

    The default executor is sized by the cores that the process may use.
    """
    if diagnosis is Diagnosis.SERIALIZED:
        return _for_wait(measurement)
    pool = busiest_pool(measurement)
    if diagnosis is not Diagnosis.EXECUTOR_SATURATED or pool is None:
        return None
    return _for_pool(pool, measurement, int(measurement.cpus))


def default_threads(cores: int) -> int:
    """Give the threads of a ThreadPoolExecutor, and so of the default executor, on some cores.

    As documented for ``concurrent.futures.ThreadPoolExecutor``.
    """
    return min(32, cores + 4)


def _for_pool(pool: Pool, m: Measurement, cores: int) -> Advice:
    """Say how large a pool has to be: one thread for each request, more where more waited."""
    needed = _needed(pool, m.n)
    queued = f"{_capacity(pool, m)}{m.n} requests at once need {needed}, so that none queues."
    match pool.name:
        case "default-executor":
            return Advice(
                f"a default executor of {needed} threads, in the lifespan",
                "asyncio.get_running_loop().set_default_executor("
                f"ThreadPoolExecutor(max_workers={needed}))",
                f"{queued} {_default_sizes(pool, cores)} asyncio.to_thread and aiofiles use it. "
                f"{THREADS}",
            )
        case "anyio-tokens":
            return Advice(
                f"an anyio limiter of {needed} tokens, in the lifespan",
                f"anyio.to_thread.current_default_thread_limiter().total_tokens = {needed}",
                f"{queued} The limiter has 40 tokens by default; plain def endpoints, sync "
                f"dependencies and run_in_threadpool share it. {THREADS}",
            )
    one = " asgiref's sync_to_async has one thread unless thread_sensitive=False." * (
        pool.size == 1
    )
    return Advice(
        f"{needed} threads in the pool that the app makes",
        f"executor = ThreadPoolExecutor(max_workers={needed})",
        f"{queued}{one} {THREADS}",
    )


def _needed(pool: Pool, n: int) -> int:
    """Give the threads that ``n`` requests at once need.

    Where no more calls waited than there are requests, each needs one: a thread that is about to
    take a call counts as taken, and the call as one that waits.
    """
    size = pool.size or 0
    return n if size < n >= pool.waiting else size + pool.waiting


def _capacity(pool: Pool, m: Measurement) -> str:
    """Say what a pool can do, as far as its size and the time of one request in it are known."""
    demand = m.demands.get(pool.name)
    if pool.size is None:
        return ""
    unit = "token" if pool.name == "anyio-tokens" else "thread"
    threads = _count(pool.size, unit)
    if demand is None or demand.high_s <= 0:
        return f"There are {threads}; "
    most = rate(pool.size / demand.high_s)
    return (
        f"A request holds a thread for {seconds(demand.high_s)}: with {threads}, at most "
        f"{most} of them a second; "
    )


def _default_sizes(pool: Pool, cores: int) -> str:
    """Say how many threads the default executor has, here and on other machines."""
    here = default_threads(cores)
    own = f"{here} with {_count(cores, 'core')} here, " if pool.size in {here, None} else ""
    others = ", ".join(f"{default_threads(each)} with {each}" for each in (1, 4, 8))
    return f"Unless it is set, it has min(32, cores + 4) threads: {own}{others}."


def _for_wait(m: Measurement) -> Advice | None:
    """Say what to change about the place where the most requests wait, if several wait at one."""
    place = busiest_wait(m)
    return place and advise(place[0].target, place[0].call, Diagnosis.SERIALIZED)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
