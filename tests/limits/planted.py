"""Endpoints with one planted limit each; the ceiling of arithmetic is in ``limits_truth.py``."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
from fastapi import FastAPI, HTTPException
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

SLOTS = int(os.environ.get("SLOTS", "8"))
CONNECTIONS = int(os.environ.get("CONNECTIONS", "10"))
THREADS = int(os.environ.get("THREADS", "4"))
UPSTREAM_SLOTS = int(os.environ.get("UPSTREAM_SLOTS", "20"))
RATE = float(os.environ.get("RATE", "50"))
DATABASE = os.environ.get("LIMITS_DATABASE", "")
DATABASE_CONNECTIONS = int(os.environ.get("DATABASE_CONNECTIONS", "5"))
AUTOCOMMIT = {"autocommit": True}
"""Psycopg then asks once, as the others do, and not to begin and to commit as well."""


async def upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a request after 200 ms; with ``slots`` after 500 ms, so many at once as it has."""
    try:
        while line := await reader.readline():
            while (await reader.readline()).strip():
                pass
            if b"slots" in line:
                async with upstream.slots:
                    await asyncio.sleep(0.5)
            else:
                await asyncio.sleep(0.2)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def lifespan(app: FastAPI):
    """Open what the endpoints share: locks, pools, clients, and the upstream."""
    state = app.state
    state.lock, state.slots = asyncio.Lock(), asyncio.Semaphore(SLOTS)
    state.outer, state.inner = asyncio.Semaphore(SLOTS), asyncio.Semaphore(SLOTS + 2)
    state.busy, state.next_s = 0, 0.0
    upstream.slots = asyncio.Semaphore(UPSTREAM_SLOTS)
    if cores := os.environ.get("CORES"):
        keep_to(int(cores))
    if size := os.environ.get("WIDE_EXECUTOR"):
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(int(size)))
    server = await asyncio.start_server(upstream, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    narrow = httpx.Limits(max_connections=CONNECTIONS)
    wide = httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(base_url=url, limits=narrow, timeout=30) as state.narrow,
        httpx.AsyncClient(base_url=url, limits=wide, timeout=30) as state.wide,
        databases(state),
    ):
        with ThreadPoolExecutor(THREADS) as state.threads, ProcessPoolExecutor(2) as processes:
            state.processes = processes
            yield
    server.close()


def keep_to(cores: int) -> None:
    """Bind all threads of this process to some cores: whoever makes the load has the others."""
    kept = sorted(os.sched_getaffinity(0))[-cores:]
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), kept)


@asynccontextmanager
async def databases(state):
    """Open the pools of connections to Postgres, where there is one."""
    if not DATABASE:
        yield
        return
    state.engine = create_async_engine(
        DATABASE.replace("postgresql://", "postgresql+asyncpg://"),
        pool_size=DATABASE_CONNECTIONS,
        max_overflow=0,
    )
    async with (
        asyncpg.create_pool(DATABASE, min_size=1, max_size=DATABASE_CONNECTIONS) as state.pool,
        AsyncConnectionPool(
            DATABASE, min_size=1, max_size=DATABASE_CONNECTIONS, open=False, kwargs=AUTOCOMMIT
        ) as state.psycopg_pool,
    ):
        yield
    await state.engine.dispose()


app = FastAPI(lifespan=lifespan)


def compute(for_s: float) -> None:
    """Compute in Python, with the GIL, for so much CPU time."""
    until_s = time.thread_time() + for_s
    while time.thread_time() < until_s:
        pass


def hash_for(for_s: float) -> None:
    """Compute without the GIL for so much CPU time."""
    until_s = time.thread_time() + for_s
    while time.thread_time() < until_s:
        hashlib.pbkdf2_hmac("sha256", b"never", b"block", 2000)


@app.get("/tokens")
def tokens():
    """Take a thread of anyio's for 200 ms."""
    time.sleep(0.2)


@app.get("/executor")
async def executor():
    """Take a thread of the default executor for 100 ms."""
    await asyncio.to_thread(time.sleep, 0.1)


@app.get("/asyncpg")
async def by_asyncpg():
    """Take a connection of asyncpg's pool for 100 ms."""
    async with app.state.pool.acquire() as connection:
        await connection.execute("select pg_sleep(0.1)")


@app.get("/sqlalchemy")
async def by_sqlalchemy():
    """Take a connection of SQLAlchemy's pool for 100 ms."""
    async with app.state.engine.connect() as connection:
        await connection.execute(text("select pg_sleep(0.1)"))


@app.get("/psycopg")
async def by_psycopg():
    """Take a connection of psycopg's pool for 200 ms."""
    async with app.state.psycopg_pool.connection() as connection:
        await connection.execute("select pg_sleep(0.2)")


@app.get("/httpx")
async def by_httpx():
    """Take a connection of a client that may have ten."""
    await app.state.narrow.get("/")


@app.get("/lock")
async def lock():
    """Take a lock for 50 ms."""
    async with app.state.lock:
        await asyncio.sleep(0.05)


@app.get("/semaphore")
async def semaphore():
    """Take one of eight for 200 ms."""
    async with app.state.slots:
        await asyncio.sleep(0.2)


@app.get("/limiter")
async def limiter():
    """Wait for one's turn at a rate of so many a second."""
    now_s = time.monotonic()
    app.state.next_s = max(now_s, app.state.next_s + 1 / RATE)
    await asyncio.sleep(app.state.next_s - now_s)


@app.get("/threads")
async def threads():
    """Take a thread of a pool of four for 50 ms."""
    await asyncio.get_running_loop().run_in_executor(app.state.threads, time.sleep, 0.05)


@app.get("/processes")
async def processes():
    """Take a process of a pool of two for 50 ms."""
    await asyncio.get_running_loop().run_in_executor(app.state.processes, time.sleep, 0.05)


@app.get("/gil")
async def gil():
    """Compute 20 ms in a thread, with the GIL."""
    await asyncio.to_thread(compute, 0.02)


@app.get("/cores")
async def cores():
    """Compute 40 ms in a thread, without the GIL."""
    await asyncio.to_thread(hash_for, 0.04)


@app.get("/computing")
async def computing():
    """Compute 20 ms on the loop."""
    compute(0.02)


@app.get("/waiting")
async def waiting():
    """Wait 50 ms on the loop."""
    time.sleep(0.05)  # noqa: ASYNC251 - the planted limit


@app.get("/upstream")
async def by_upstream():
    """Ask an upstream that answers twenty at once."""
    await app.state.wide.get("/slots")


@app.get("/close")
async def close_together():
    """Take one of eight, and within it one of ten."""
    async with app.state.outer, app.state.inner:
        await asyncio.sleep(0.2)


@app.get("/failing")
async def failing():
    """Take one of eight for 200 ms, and refuse where as many wait."""
    if app.state.busy >= 2 * SLOTS:
        await asyncio.sleep(0.02)
        raise HTTPException(503)
    app.state.busy += 1
    try:
        async with app.state.slots:
            await asyncio.sleep(0.2)
    finally:
        app.state.busy -= 1


@app.get("/slower")
async def slower():
    """Take one of eight for longer, the more requests there are: 120 ms for eight."""
    app.state.busy += 1
    try:
        async with app.state.slots:
            await asyncio.sleep(0.1 * (1 + app.state.busy / 40))
    finally:
        app.state.busy -= 1


@app.get("/free")
async def free():
    """Have no limit but the loop's own work."""
