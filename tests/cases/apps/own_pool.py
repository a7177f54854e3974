"""Pools of threads of the app's own: too small, and large enough."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI

from declared import fails, passes


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have a pool of two threads and one of sixteen."""
    with ThreadPoolExecutor(2) as app.state.two, ThreadPoolExecutor(16) as app.state.sixteen:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/two_threads", **fails("executor-saturated"))
async def two_threads() -> str:
    await asyncio.get_running_loop().run_in_executor(app.state.two, time.sleep, 0.09)
    return "done"


@app.get("/two_threads_for_long", **fails("executor-saturated"))
async def two_threads_for_long() -> str:
    await asyncio.get_running_loop().run_in_executor(app.state.two, time.sleep, 0.35)
    return "done"


@app.get("/sixteen_threads", **passes())
async def sixteen_threads() -> str:
    await asyncio.get_running_loop().run_in_executor(app.state.sixteen, time.sleep, 0.2)
    return "done"
