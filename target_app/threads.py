"""The thread pools of the app, sized for the calls that wait in them.

The event loop's default executor, which ``asyncio.to_thread``, ``aiofiles`` and name look-ups go
through, has ``min(32, cpus + 4)`` threads: six on two cores. Ten calls of one second then take two
seconds, with a loop that is free all along: the advice "hand it to a thread" fails the very
assertion it is given for. anyio's limiter, which ``run_in_threadpool`` and plain ``def`` endpoints
go through, lets 40 in. Threads that wait cost next to nothing and are made on demand, so the app
sizes both for the requests it means to serve at once.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from anyio.to_thread import current_default_thread_limiter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

THREADS = 256
"""Waits that may be under way at once, in each of the two pools."""


@asynccontextmanager
async def sized_threads() -> AsyncIterator[ThreadPoolExecutor]:
    """Size the running loop's default executor and anyio's limiter; give the executor."""
    executor = ThreadPoolExecutor(THREADS, thread_name_prefix="sized")
    asyncio.get_running_loop().set_default_executor(executor)
    current_default_thread_limiter().total_tokens = THREADS
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
