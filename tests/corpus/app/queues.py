"""Endpoints that leave the loop free and yet go one by one."""

from __future__ import annotations

import asyncio
import threading
import time

import anyio
from fastapi import APIRouter, HTTPException
from neverblock.model import Diagnosis
from sqlalchemy import text

from app.declared import errs, fails
from app.resources import Shared

router = APIRouter(prefix="/queues")
_printer = threading.Lock()
_inside = 0


@router.get("/asyncio_lock", **fails(Diagnosis.SERIALIZED))
async def asyncio_lock(shared: Shared) -> str:
    """Hold a lock across an await."""
    async with shared.lock:
        await asyncio.sleep(0.1)
    return "done"


@router.get("/semaphore_of_two", **fails(Diagnosis.SERIALIZED))
async def semaphore_of_two(shared: Shared) -> str:
    """Let two in at a time."""
    async with shared.semaphore_of_two:
        await asyncio.sleep(0.1)
    return "done"


@router.get("/pool_of_one", **fails(Diagnosis.SERIALIZED))
async def pool_of_one(shared: Shared) -> str:
    """Wait for the only connection."""
    connection = await shared.connections.get()
    await asyncio.sleep(0.1)
    shared.connections.put_nowait(connection)
    return connection


@router.get("/one_worker", **fails(Diagnosis.SERIALIZED))
async def one_worker(shared: Shared) -> str:
    """Hand the job to the only worker task."""
    job: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    shared.jobs.put_nowait(job)
    return await job


@router.get("/client_of_one", **fails(Diagnosis.SERIALIZED))
async def client_of_one(shared: Shared) -> str:
    """Ask by a client that opens one connection."""
    return (await shared.client_of_one.get(shared.upstream.url)).text


@router.get("/upstream_one_by_one", **fails(Diagnosis.SERIALIZED))
async def upstream_one_by_one(shared: Shared) -> str:
    """Ask an upstream that answers one after the other."""
    return (await shared.client.get(shared.upstream.one_by_one_url)).text


@router.get("/limiter_of_two", **fails(Diagnosis.SERIALIZED))
async def limiter_of_two(shared: Shared) -> str:
    """Offload through a limiter of one's own."""
    await anyio.to_thread.run_sync(time.sleep, 0.1, limiter=shared.limiter_of_two)
    return "done"


@router.get("/executor_of_one", **fails(Diagnosis.EXECUTOR_SATURATED))
async def executor_of_one(shared: Shared) -> str:
    """Offload to an executor of one's own that has one thread."""
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(shared.executor_of_one, time.sleep, 0.1)
    return "done"


@router.get("/thread_lock_in_def", **fails(Diagnosis.SERIALIZED))
def thread_lock_in_def() -> str:
    """Hold a lock in a thread."""
    with _printer:
        time.sleep(0.1)
    return "printed"


@router.get("/sqlalchemy_pool_of_one", **fails(Diagnosis.SERIALIZED))
def sqlalchemy_pool_of_one(shared: Shared) -> str:
    """Query in a thread, over the only connection."""
    with shared.engine_of_one.connect() as connection:
        connection.execute(text("SELECT wait(0.1)")).one()
    return "queried"


@router.get("/turns_away", **errs(Diagnosis.ERRORING))
async def turns_away() -> str:
    """Serve four at a time and turn the others away."""
    global _inside  # noqa: PLW0603 - a counter of the process
    if _inside == 4:
        raise HTTPException(503)
    _inside += 1
    await asyncio.sleep(0.1)
    _inside -= 1
    return "served"
