"""Threads that run out: the loop's default executor against one of the right size.

``asyncio.to_thread`` seems to cure every blocking call, and its pool has
``min(32, cpus + 4)`` threads. Requests then queue for a thread while the loop is idle: no stall to
see, and the same 2 s for ten calls of 1 s on two cores. The app sizes its executor in the lifespan
(see ``target_app.threads``). This pair shows what it is spared, so its own lifespan gives the loop
back the default executor that asyncio would have made; only this pair's bad endpoint, and the
computations of `image`, which need no more threads than cores, go through it.
"""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from zlib import crc32

from fastapi import APIRouter, FastAPI, Request

from neverblock import model
from neverblock.model import Diagnosis, Expectation, Pair, Variant, Verdict
from target_app.settings import own_time_s

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_cpus = getattr(os, "process_cpu_count", os.cpu_count)() or 1

DEFAULT_THREADS: int = min(32, _cpus + 4)
"""The size of asyncio's default executor (concurrent.futures.ThreadPoolExecutor)."""

SOURCES = DEFAULT_THREADS // 5 + 1
"""Calls a request makes side by side: ten requests want over twice the default's threads, on any
machine, while one alone fits into it."""

router = APIRouter(prefix="/pairs/executor", tags=["executor"])


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Put the loop's default executor back to what asyncio makes when nobody sizes it."""
    executor = ThreadPoolExecutor(thread_name_prefix="asyncio")
    asyncio.get_running_loop().set_default_executor(executor)
    try:
        yield
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def ask(source: int) -> int:
    """Ask a legacy source, which takes its time and answers with a checksum."""
    time.sleep(own_time_s())
    return crc32(source.to_bytes(4, "big"))


@router.get("/bad")
async def bad() -> dict[str, list[int]]:
    """Ask all sources in threads of the loop's default executor."""
    answers = await asyncio.gather(*(asyncio.to_thread(ask, n) for n in range(SOURCES)))
    return {"answers": answers}


@router.get("/good")
async def good(request: Request) -> dict[str, list[int]]:
    """Ask all sources in threads of the executor that the app has sized."""
    loop, threads = asyncio.get_running_loop(), request.app.state.threads
    calls = (loop.run_in_executor(threads, ask, n) for n in range(SOURCES))
    return {"answers": await asyncio.gather(*calls)}


PAIR = Pair(
    name="executor",
    title="Threads that run out",
    blocking_call="asyncio.to_thread on the default executor",
    replacement="an executor sized in the lifespan",
    why=(
        f"The default executor of this machine has {DEFAULT_THREADS} threads: the loop is free, "
        "yet requests queue for a thread. Waiting threads are cheap; have enough of them."
    ),
    own_time_s=1.0,
    variants={
        "bad": Variant(
            model.Request("GET", "/pairs/executor/bad"),
            Expectation(Verdict.FAIL, Diagnosis.EXECUTOR_SATURATED),
        ),
        "good": Variant(
            model.Request("GET", "/pairs/executor/good"),
            Expectation(Verdict.PASS, Diagnosis.CONCURRENT),
        ),
    },
)
