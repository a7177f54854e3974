"""A computation in C: 100,000 chained sha256 on the loop, in a thread, and in a process.

The reference documentation handed it to ``loop.run_in_executor(None, ...)`` with the loop from
``asyncio.get_event_loop()``, which no longer makes one (Python 3.14). Today it is FastAPI's
``run_in_threadpool``. A thread frees the loop, yet the computation keeps the GIL in turns: the
service answers, and no second core is used. That takes a process, opened in the lifespan.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool

from neverblock import model
from neverblock.model import Diagnosis, Expectation, Pair, Variant, Verdict
from target_app.computations import chained_sha256
from target_app.processes import process_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MESSAGE = b"neverblock" * 100

router = APIRouter(prefix="/pairs/hash", tags=["hash"])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep a process pool for as long as the app serves."""
    async with process_pool(warm_up=partial(chained_sha256, MESSAGE, rounds=1)) as pool:
        app.state.processes = pool
        yield


@router.get("/bad")
async def bad() -> dict[str, str]:
    """Compute on the loop's thread."""
    return {"sha256": chained_sha256(MESSAGE)}


@router.get("/good")
async def good() -> dict[str, str]:
    """Compute in a thread: the loop runs on, sharing the GIL."""
    return {"sha256": await run_in_threadpool(chained_sha256, MESSAGE)}


@router.get("/better")
async def better(request: Request) -> dict[str, str]:
    """Compute in a process: the loop runs on, and so does every core."""
    loop = asyncio.get_running_loop()
    return {
        "sha256": await loop.run_in_executor(request.app.state.processes, chained_sha256, MESSAGE)
    }


PAIR = Pair(
    name="hash",
    title="100,000 chained sha256",
    blocking_call="hashlib.sha256 in a loop",
    replacement="run_in_threadpool; better, a process pool",
    why=(
        "Computing on the loop's thread stops everybody. A thread keeps the loop free, though not "
        "fast, since both need the GIL; a process has a GIL of its own."
    ),
    own_time_s=None,
    computes=True,
    variants={
        "bad": Variant(
            model.Request("GET", "/pairs/hash/bad"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_CPU),
        ),
        "good": Variant(
            model.Request("GET", "/pairs/hash/good"),
            Expectation(Verdict.PASS, Diagnosis.GIL_CONTENTION),
        ),
        "better": Variant(
            model.Request("GET", "/pairs/hash/better"),
            Expectation(Verdict.PASS, Diagnosis.CPU_BOUND),
        ),
    },
)
