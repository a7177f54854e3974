"""Where the requests in flight wait is seen, line by line."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from needs import of_the_gil
from serving import served
from test_greenlets import marked

from neverblock.probe.frames import FrameTable, Owners
from neverblock.probe.other_threads import OtherThreads
from neverblock.probe.pending import Pending, waiting
from neverblock.probe.request_mark import REQUEST, is_of_request


@of_the_gil
@pytest.mark.parametrize("path", ["locked", "locked_in_thread"])
def test_requests_are_seen_waiting_for_a_lock(tmp_path, path):
    """Of five that need one lock for 100 ms each, most stand at its line, tasks or threads."""
    with served("asyncio", tmp_path, target="greenlet_app:quiet") as running:
        running.get("/trivial")
        running.settle(0.12)
        from_s = time.monotonic()
        with ThreadPoolExecutor(5) as clients:
            list(clients.map(running.get, [f"/{path}"] * 5))
        running.settle(0.12)
        trace = running.reader.window(from_s, time.monotonic())
    (frame, tasks), *_ = trace.waits
    assert frame.line == marked(path)
    assert 3 <= tasks <= 4


def test_only_tasks_of_requests_count():
    """A mark in the context tells them, and the tasks that they start inherit it."""

    async def wait(end):
        await end.wait()

    async def serve(end):
        REQUEST.set(True)
        await asyncio.gather(wait(end), wait(end))

    async def main():
        end = asyncio.Event()
        tasks = [asyncio.create_task(each(end)) for each in (serve, wait)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        places = waiting(asyncio.get_running_loop())
        marks = [is_of_request(task) for task in tasks]
        end.set()
        await asyncio.gather(*tasks)
        return places, marks

    places, marks = asyncio.run(main())
    assert marks == [True, False]
    by_function = {p.levels[1].frame.f_code.co_name: p.tasks for p in places if len(p.levels) > 1}
    assert by_function.get("wait") == 2


def test_of_more_tasks_than_are_looked_at_each_stands_for_several():
    """However many requests wait, two thirds of them at one line are two thirds."""

    async def wait(end):
        await end.wait()

    async def sleep():
        await asyncio.sleep(60)

    async def main():
        REQUEST.set(True)
        end = asyncio.Event()
        tasks = [asyncio.create_task(wait(end) if at % 3 else sleep()) for at in range(1500)]
        await asyncio.sleep(0)
        places = waiting(asyncio.get_running_loop())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return places

    counts = {each.levels[-1].frame.f_code.co_name: each.tasks for each in asyncio.run(main())}
    assert counts["wait"] + counts["sleep"] == pytest.approx(1500, rel=0.01)
    assert counts["wait"] == pytest.approx(1000, abs=250)  # five standard deviations of a sample


@of_the_gil
def test_all_tasks_of_the_loop_are_counted_and_once_a_look():
    """Whoever started them; where there was no look since, there is no figure."""

    async def main():
        end = asyncio.Event()
        tasks = [asyncio.create_task(end.wait()) for _ in range(250)]
        await asyncio.sleep(0)
        pending = Pending(asyncio.get_running_loop())
        before = pending.counted()
        pending.look(time.monotonic(), FrameTable(Owners(()), [].append), 2, OtherThreads(0))
        counts = before, pending.counted(), pending.counted()
        end.set()
        await asyncio.gather(*tasks)
        return counts

    assert asyncio.run(main()) == (None, 251, None)


@of_the_gil
def test_a_look_describes_a_stack_down_to_the_apps_own_line():
    """What called it is no wait of anybody's, and what no line of the app's is in is left out."""
    described = []

    async def deeper(levels, end):
        await (deeper(levels - 1, end) if levels else end.wait())

    async def main():
        end = asyncio.Event()
        context = contextvars.copy_context()
        context.run(REQUEST.set, True)
        tasks = [
            asyncio.create_task(coroutine, context=context)
            for coroutine in (deeper(30, end), deeper(50, end), end.wait())
        ]
        await asyncio.sleep(0)
        frames = FrameTable(Owners([__file__]), described.append)
        record = Pending(asyncio.get_running_loop()).look(0.0, frames, 3, OtherThreads(0))
        end.set()
        await asyncio.gather(*tasks)
        return record

    record = asyncio.run(main())
    ((numbers, tasks),) = record["places"]
    assert tasks == 2  # two ways to one line are one place
    assert [described[each]["function"].split(".")[-1] for each in numbers] == ["wait", "deeper"]
    assert len(described) == len({*numbers, *(n for at, _ in record["threads"] for n in at)})


async def _held(lock):
    async with lock:
        yield


class _Ready:
    """An awaitable of an app's own, as a database client's is."""

    def __init__(self, lock):
        """Take the lock that is waited for."""
        self._lock = lock

    def __await__(self):
        """Wait for it in a coroutine."""
        return self._lock.acquire().__await__()


async def _opens(lock):
    async with contextlib.asynccontextmanager(_held)(lock):
        pass


async def _iterates(lock):
    async for _ in _held(lock):
        pass


async def _closes(lock):
    @contextlib.asynccontextmanager
    async def closing():
        yield
        await lock.acquire()

    async with closing():
        pass


async def _awaits(lock):
    await _Ready(lock)


@pytest.mark.parametrize(
    ("request_of", "function"),
    [(_opens, "_held"), (_iterates, "_held"), (_closes, "closing"), (_awaits, "_awaits")],
)
def test_what_waits_within_an_asynchronous_generator_or_an_awaitable_is_seen(request_of, function):
    """A dependency with yield, an async for, the end of either, an object with __await__."""

    async def main():
        lock = asyncio.Lock()
        await lock.acquire()
        REQUEST.set(True)
        task = asyncio.create_task(request_of(lock))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        places = waiting(asyncio.get_running_loop())
        lock.release()
        await task
        return [[level.frame.f_code.co_name for level in place.levels] for place in places]

    (stack,) = [each for each in asyncio.run(main()) if each[-1] == request_of.__name__]
    assert stack[0] == "acquire"
    assert next(name for name in stack if name not in {"acquire", "__aenter__"}) == function
