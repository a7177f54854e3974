"""A pool of threads gets another size in the process that serves."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from anyio import to_thread
from needs import of_the_gil

from neverblock.probe import internals
from neverblock.probe.other_threads import OtherThreads
from neverblock.probe.pending import standing
from neverblock.probe.raised import answer


async def at_once(call, n):
    """Give how many of n threads of a pool are at work at the same time."""
    gate, seen = threading.Barrier(n + 1, timeout=5), []

    def work():
        seen.append(gate.n_waiting)
        gate.wait()

    tasks = [asyncio.create_task(call(work)) for _ in range(n)]
    await asyncio.to_thread(gate.wait) if call is to_thread.run_sync else gate_from_outside(gate)
    await asyncio.gather(*tasks)
    return len(seen)


def gate_from_outside(gate):
    """Pass a gate in a thread of no pool."""
    threading.Thread(target=gate.wait).start()


def test_anyio_gets_as_many_tokens_as_are_named():
    """More calls than it had before are at work at once."""

    async def main():
        limiter = to_thread.current_default_thread_limiter()
        before = limiter.total_tokens
        said = answer("anyio-tokens=50")
        worked = await at_once(to_thread.run_sync, 45)
        return before, said, limiter.total_tokens, worked

    before, (status, body), tokens, worked = asyncio.run(main())
    assert (before, status, body) == (40, 200, b"anyio-tokens is 50")
    assert (tokens, worked) == (50, 45)


def test_the_loop_gets_an_executor_of_the_size_that_is_named():
    """Calls of before are finished, and later ones have as many threads."""

    async def main():
        slow = asyncio.create_task(asyncio.to_thread(time.sleep, 0.05))
        await asyncio.sleep(0.01)
        said = answer("default-executor=21")
        loop = asyncio.get_running_loop()
        size = internals.size_of(internals.default_executor(loop))
        worked = await at_once(asyncio.to_thread, 20)
        await slow
        return said, size, worked

    (status, _), size, worked = asyncio.run(main())
    assert (status, size, worked) == (200, 21, 20)


@pytest.mark.parametrize(
    "query", ["", "anyio-tokens", "anyio-tokens=0", "anyio-tokens=x", "a=1&b=2"]
)
def test_what_is_no_size_is_refused(query):
    """And nothing changes."""
    status, body = asyncio.run(asked(query))
    assert status == 400
    assert b"are wanted" in body


def test_a_pool_that_is_not_there_is_refused():
    """By its name."""
    status, body = asyncio.run(asked("nowhere=3"))
    assert (status, body) == (404, b"there is no pool 'nowhere' here")


async def asked(query):
    """Ask on a loop."""
    return answer(query)


@of_the_gil
def test_threads_are_counted_where_they_stand():
    """Two at one line are one place with two; one left out, or there without requests, is none."""
    end = threading.Event()

    def stand():
        end.wait()

    threads = [threading.Thread(target=stand) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    try:
        places = standing(OtherThreads(threading.get_ident()))
        found = [p for p in places if any(x.frame.f_code is stand.__code__ for x in p.levels)]
        others = OtherThreads(threading.get_ident())
        others.not_these.add(threads[0].ident)
        others.stand_by([threads[1].ident])
        none = standing(others)
    finally:
        end.set()
        for thread in threads:
            thread.join()
    assert [place.tasks for place in found] == [2]
    assert not [p for p in none if any(x.frame.f_code is stand.__code__ for x in p.levels)]
