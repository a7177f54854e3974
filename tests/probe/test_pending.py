"""Where the requests in flight wait is seen, line by line."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from serving import served
from test_greenlets import marked

from neverblock.probe.pending import waiting
from neverblock.probe.request_mark import REQUEST, is_of_request


def test_requests_are_seen_waiting_for_a_lock(tmp_path):
    """Of five that need one lock for 100 ms each, most stand at its line."""
    with served("asyncio", tmp_path, target="greenlet_app:quiet") as running:
        running.get("/trivial")
        running.settle(0.12)
        from_s = time.monotonic()
        with ThreadPoolExecutor(5) as clients:
            list(clients.map(running.get, ["/locked"] * 5))
        running.settle(0.12)
        trace = running.reader.window(from_s, time.monotonic())
    (frame, tasks), *_ = trace.waits
    assert frame.line == marked("locked")
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
