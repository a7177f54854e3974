"""Endpoints that look guilty and are not."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import hashlib
import json
import os
import queue
import socket
import sqlite3
import subprocess
import threading
import time as clock
import uuid
from pathlib import Path

import aiofiles
import anyio
import httpx
import redis.asyncio
import requests as blocking_requests
from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.declared import WAIT_S, passes
from app.fifo import late_file
from app.resources import Shared
from app.upstream import HOST

router = APIRouter(prefix="/innocent")


class _Time:
    """A clock of the shop's own."""

    async def sleep(self, seconds: float) -> None:
        """Sleep as one should."""
        await asyncio.sleep(seconds)


class _Requests:
    """A client of the shop's own."""

    async def get(self, client: httpx.AsyncClient, url: str) -> str:
        """Ask as one should."""
        return (await client.get(url)).text


time = _Time()
requests = _Requests()
_basket = threading.Lock()


@router.get("/asyncio_sleep", **passes())
async def asyncio_sleep() -> str:
    """Sleep as one should."""
    await asyncio.sleep(WAIT_S)
    return "slept"


@router.get("/sleep_in_def", **passes())
def sleep_in_def() -> str:
    """Sleep in a thread of the framework."""
    clock.sleep(WAIT_S)
    return "slept"


@router.get("/sleep_in_to_thread", **passes())
async def sleep_in_to_thread() -> str:
    """Sleep in a thread of the default executor."""
    await asyncio.to_thread(clock.sleep, WAIT_S)
    return "slept"


@router.get("/sleep_in_executor", **passes())
async def sleep_in_executor(shared: Shared) -> str:
    """Sleep in a thread of an executor of one's own."""
    await asyncio.get_running_loop().run_in_executor(shared.executor, clock.sleep, WAIT_S)
    return "slept"


@router.get("/time_sleep_of_its_own", **passes())
async def time_sleep_of_its_own() -> str:
    """Call something else that is named time.sleep."""
    await time.sleep(WAIT_S)
    return "slept"


@router.get("/requests_get_of_its_own", **passes())
async def requests_get_of_its_own(shared: Shared) -> str:
    """Call something else that is named requests.get."""
    return await requests.get(shared.client, shared.upstream.url)


@router.get("/requests_in_threadpool", **passes())
async def requests_in_threadpool(shared: Shared) -> str:
    """Ask by requests in a thread."""
    return (await run_in_threadpool(blocking_requests.get, shared.upstream.url)).text


@router.get("/requests_in_def", **passes())
def requests_in_def(shared: Shared) -> str:
    """Ask by requests where the framework uses a thread."""
    return blocking_requests.get(shared.upstream.url).text


@router.get("/httpx_async", **passes())
async def httpx_async(shared: Shared) -> str:
    """Ask by the shared asynchronous client."""
    return (await shared.client.get(shared.upstream.url)).text


@router.get("/redis_async", **passes())
async def redis_async(shared: Shared) -> str:
    """Wait for a slow Redis as one should."""
    cache = redis.asyncio.Redis(host=HOST, port=shared.upstream.silent, retry=Retry(NoBackoff(), 0))
    try:
        await cache.get("basket")
    except redis.ConnectionError:
        return "no cache"
    finally:
        await cache.aclose()
    return "cache"


@router.get("/streams", **passes())
async def streams(shared: Shared) -> bytes:
    """Wait for a greeting on a socket as one should."""
    reader, writer = await asyncio.open_connection(HOST, shared.upstream.smtp)
    greeting = await reader.readline()
    writer.close()
    return greeting


@router.get("/aiofiles_read", **passes())
async def aiofiles_read(shared: Shared) -> str:
    """Read a late file by aiofiles."""
    path = await run_in_threadpool(late_file, shared.folder)
    async with aiofiles.open(path) as file:
        return await file.read()


@router.get("/anyio_path", **passes())
async def anyio_path(shared: Shared) -> str:
    """Read a late file by anyio."""
    path = await run_in_threadpool(late_file, shared.folder)
    return await anyio.Path(path).read_text()


@router.get("/create_subprocess", **passes())
async def create_subprocess() -> int:
    """Wait for a program as one should."""
    process = await asyncio.create_subprocess_exec("sleep", "0.3")
    return await process.wait()


@router.get("/lock_around_timeout", **passes())
async def lock_around_timeout() -> str:
    """Wait for what does not come, with a limit of time."""
    try:
        await asyncio.wait_for(asyncio.Event().wait(), WAIT_S)
    except TimeoutError:
        return "gave up"
    return "came"


@router.get("/sleep_zero", **passes())
async def sleep_zero() -> str:
    """Call time.sleep for no time."""
    clock.sleep(0)
    return "slept"


@router.get("/tiny_file", **passes())
async def tiny_file() -> int:
    """Read a few bytes that are in memory anyway."""
    with open(__file__) as file:
        return len(file.readline())


@router.get("/path_exists", **passes())
async def path_exists() -> bool:
    """Ask for a file's existence."""
    return Path(__file__).exists() and os.path.getsize(__file__) > 0


@router.get("/numeric_lookup", **passes())
async def numeric_lookup() -> int:
    """Resolve an address that is a number already."""
    return len(socket.getaddrinfo(HOST, 80, type=socket.SOCK_STREAM))


@router.get("/sqlite_in_memory", **passes())
async def sqlite_in_memory() -> int:
    """Query a database of no size."""
    connection = sqlite3.connect(":memory:")
    try:
        return connection.execute("SELECT 1").fetchone()[0]
    finally:
        connection.close()


@router.get("/free_lock", **passes())
async def free_lock() -> str:
    """Take a lock that nobody holds."""
    with _basket:
        return "taken"


@router.get("/full_queue", **passes())
async def full_queue() -> str:
    """Get from a queue that has something."""
    inbox: queue.Queue[str] = queue.Queue()
    inbox.put("message")
    return inbox.get()


@router.get("/done_future", **passes())
async def done_future() -> str:
    """Ask a future for a result that it has."""
    future: concurrent.futures.Future[str] = concurrent.futures.Future()
    future.set_result("done")
    return future.result()


@router.get("/done_task", **passes())
async def done_task() -> str:
    """Ask a task for its result once it is done."""
    task = asyncio.create_task(asyncio.sleep(WAIT_S, "done"))
    await asyncio.wait([task])
    return task.result()


@functools.lru_cache
def _settings() -> str:
    clock.sleep(WAIT_S)
    return "settings"


@router.get("/cached", **passes())
async def cached() -> str:
    """Call what blocks the first time only."""
    return _settings()


@router.get("/small_change", **passes())
async def small_change() -> str:
    """Hash, name, render and quote small things."""
    name = hashlib.sha256(uuid.uuid4().bytes).hexdigest()
    return subprocess.list2cmdline(json.loads(json.dumps(["echo", name])))
