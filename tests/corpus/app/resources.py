"""What the service opens once, in its lifespan, and what its endpoints are given of it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging.handlers
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import anyio
import httpx
from fastapi import Depends, FastAPI, Request
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from app.upstream import HOST, Upstream, running_upstream

DEFAULT_THREADS = 16
"""Of the loop's default executor: more than ten calls at once, whatever the machine."""


@dataclass(frozen=True, slots=True)
class Resources:
    """Clients, pools, locks and queues that live as long as the service."""

    upstream: Upstream
    folder: Path
    client: httpx.AsyncClient
    client_of_one: httpx.AsyncClient
    executor: ThreadPoolExecutor
    executor_of_one: ThreadPoolExecutor
    engine_of_one: Engine
    audit: logging.Logger
    limiter_of_two: anyio.CapacityLimiter
    connections: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    jobs: asyncio.Queue[asyncio.Future[str]] = field(default_factory=asyncio.Queue)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    semaphore_of_two: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    @property
    def busy_database(self) -> Path:
        """A database that somebody else keeps locked."""
        return self.folder / "busy.sqlite"


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open everything; close everything."""
    async with contextlib.AsyncExitStack() as stack:
        upstream = stack.enter_context(running_upstream())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pools = [stack.enter_context(ThreadPoolExecutor(size)) for size in (DEFAULT_THREADS, 16, 1)]
        asyncio.get_running_loop().set_default_executor(pools[0])
        engine = _engine_of_one(folder)
        stack.callback(engine.dispose)
        one = httpx.Limits(max_connections=1)
        resources = Resources(
            upstream=upstream,
            folder=folder,
            client=await stack.enter_async_context(httpx.AsyncClient()),
            client_of_one=await stack.enter_async_context(httpx.AsyncClient(limits=one)),
            executor=pools[1],
            executor_of_one=pools[2],
            engine_of_one=engine,
            audit=_audit_log(upstream, stack),
            limiter_of_two=anyio.CapacityLimiter(2),
        )
        resources.connections.put_nowait("the only connection")
        locker = stack.enter_context(contextlib.closing(sqlite3.connect(resources.busy_database)))
        locker.execute("BEGIN EXCLUSIVE")
        worker = asyncio.create_task(_work_off(resources.jobs))
        stack.callback(worker.cancel)
        app.state.resources = resources
        gc.collect()
        gc.freeze()  # the catalogues of the service are never garbage
        yield


def _engine_of_one(folder: Path) -> Engine:
    """Give an engine with one connection, whose SQL can wait."""
    engine = create_engine(
        f"sqlite:///{folder / 'orders.sqlite'}",
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )
    event.listen(
        engine,
        "connect",
        lambda connection, _: connection.create_function("wait", 1, time.sleep),
    )
    return engine


def _audit_log(upstream: Upstream, stack: contextlib.AsyncExitStack) -> logging.Logger:
    """Give a logger that posts every record to a server."""
    handler = logging.handlers.HTTPHandler(f"{HOST}:{upstream.http}", "/late")
    logger = logging.getLogger("shop.audit")
    logger.propagate = False
    logger.addHandler(handler)
    stack.callback(logger.removeHandler, handler)
    return logger


async def _work_off(jobs: asyncio.Queue[asyncio.Future[str]]) -> None:
    """Do one job after the other."""
    while True:
        job = await jobs.get()
        await asyncio.sleep(0.1)
        job.set_result("done")


async def _resources(request: Request) -> Resources:
    return request.app.state.resources


Shared = Annotated[Resources, Depends(_resources)]
