"""An app that works within greenlets, has pools of threads, and holds the loop for no request."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.util import greenlet_spawn
from starlette.concurrency import run_in_threadpool

POOL = ThreadPoolExecutor(2)
LOCK = asyncio.Lock()
THREAD_LOCK = threading.Lock()


def sweep() -> None:
    """Hold the loop for nobody."""
    time.sleep(0.06)  # mark: sweep


async def periodically() -> None:
    """Sweep again and again."""
    while True:
        await asyncio.sleep(0.2)
        sweep()


@asynccontextmanager
async def lifespan(app):
    """Sweep as long as the app lives."""
    task = asyncio.create_task(periodically())
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)
quiet = FastAPI()


def nap(seconds):
    """Wait as a synchronous driver does."""
    time.sleep(seconds)  # mark: nap


def spin(seconds):
    """Compute."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@app.get("/awaits")
async def awaits():
    """Wait without holding anything."""
    await asyncio.sleep(0.5)
    return {}


@quiet.get("/trivial")
async def trivial():
    """Answer at once."""
    return {}


@quiet.get("/waits")
async def waits():
    """Wait on the loop within a greenlet."""
    await greenlet_spawn(nap, 0.05)  # mark: waits
    return {}


@quiet.get("/waits_in_c")
async def waits_in_c():
    """Have a function in C as all that the greenlet runs."""
    await greenlet_spawn(time.sleep, 0.05)  # mark: waits_in_c
    return {}


@quiet.get("/computes")
async def computes():
    """Compute on the loop within a greenlet."""
    await greenlet_spawn(spin, 0.05)
    return {}


@quiet.get("/default")
async def default():
    """Hold one thread of the loop's executor for 100 ms."""
    await asyncio.to_thread(time.sleep, 0.1)
    return {}


@quiet.get("/limiter")
async def limiter():
    """Hold one token of anyio's limiter for 100 ms."""
    await run_in_threadpool(time.sleep, 0.1)
    return {}


@quiet.get("/own")
async def own():
    """Hold one thread of the app's own pool for 100 ms."""
    await asyncio.get_running_loop().run_in_executor(POOL, time.sleep, 0.1)
    return {}


@quiet.get("/locked")
async def locked():
    """Wait for a lock, and hold it for 100 ms."""
    async with LOCK:  # mark: locked
        await asyncio.sleep(0.1)
    return {}


@quiet.get("/locked_in_thread")
def locked_in_thread():
    """Wait in a thread for a lock, and hold it for 100 ms."""
    with THREAD_LOCK:  # mark: locked_in_thread
        time.sleep(0.1)
    return {}
