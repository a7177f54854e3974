"""Locks, semaphores and queues of the app's own: the loop is free, and requests go one by one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from declared import fails, passes
from upstream import running_upstream


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have an upstream, and one worker that asks it."""
    with running_upstream() as url:
        async with httpx.AsyncClient(base_url=url) as app.state.client:
            app.state.jobs = asyncio.Queue()
            worker = asyncio.create_task(_work())
            yield
            worker.cancel()


app = FastAPI(lifespan=lifespan)
thread_lock = threading.Lock()
lock, short_lock, three, twenty = (
    asyncio.Lock(),
    asyncio.Lock(),
    asyncio.Semaphore(3),
    asyncio.Semaphore(20),
)


async def _work() -> None:
    while True:
        job = await app.state.jobs.get()
        job.set_result((await app.state.client.get("/60")).text)


@app.get("/lock", **fails("serialized"))
async def lock_around_a_wait() -> str:
    async with lock:
        await asyncio.sleep(0.07)
    return "done"


@app.get("/lock_in_threads", **fails("serialized", words=(r"queues\.py:\d+ (with )?thread_lock",)))
def lock_in_threads() -> str:
    with thread_lock:
        time.sleep(0.07)
    return "done"


@app.get("/lock_for_4_of_150", **passes())
async def lock_for_4_of_150() -> str:
    """Hold a lock for so short that ten at once take no longer than one and a third."""
    async with short_lock:
        await asyncio.sleep(0.004)
    await asyncio.sleep(0.146)
    return "done"


@app.get("/semaphore_of_three", **fails("serialized"))
async def semaphore_of_three() -> str:
    async with three:
        await asyncio.sleep(0.12)
    return "done"


@app.get("/semaphore_of_twenty", **passes())
async def semaphore_of_twenty() -> str:
    async with twenty:
        await asyncio.sleep(0.12)
    return "done"


@app.get("/upstream_by_one_worker", **fails("serialized"))
async def upstream_by_one_worker() -> str:
    job: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    await app.state.jobs.put(job)
    return await job


@app.get("/upstream", **passes())
async def upstream() -> str:
    return (await app.state.client.get("/200")).text
