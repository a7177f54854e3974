"""A pool of worker processes for computations, started before the first request comes."""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from neverblock.observe.machine import usable_cpus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


def _end_with_parent() -> None:
    # A worker waits on a pipe that it also holds the other end of: it would outlive a server
    # that was killed. The sentinel of its parent is a pipe that only the parent holds.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _start_worker() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back; a process started meanwhile never sees it, and leaves it to the server."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@asynccontextmanager
async def process_pool(warm_up: Callable[[], object]) -> AsyncIterator[ProcessPoolExecutor]:
    """Start a worker per core and wait until ``warm_up`` has run; stop them at the end.

    Workers are spawned, since forking a server that has threads can leave a lock held for good.
    """
    workers = math.ceil(usable_cpus())
    loop = asyncio.get_running_loop()
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_start_worker
    )
    try:
        with _interrupts_held():
            started = [loop.run_in_executor(pool, warm_up) for _ in range(workers)]
        await asyncio.gather(*started)
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
