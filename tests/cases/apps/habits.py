"""What people write by habit: retries, polling, a pool of connections, a sleep at random."""

from __future__ import annotations

import asyncio
import itertools
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import tenacity
from fastapi import FastAPI
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import QueuePool

from declared import fails, passes

app = FastAPI()
threads = ThreadPoolExecutor(30)
turns, tries = itertools.count(), itertools.count()
place = {"taken": False}
engine = create_engine(
    "sqlite://",
    poolclass=QueuePool,
    pool_size=2,
    max_overflow=0,
    connect_args={"check_same_thread": False},
)
event.listen(engine, "connect", lambda raw, _: raw.create_function("wait", 1, time.sleep))


@app.get("/uneven", **passes())
async def uneven() -> str:
    """Be slow one time in four, by itself: a burst is as long as its slowest request."""
    await asyncio.sleep(0.02 if next(turns) % 4 else 0.3)
    return "done"


@app.get("/polled", **fails("serialized", words=(r"habits\.py:\d+ asyncio\.sleep",)))
async def polled() -> str:
    while place["taken"]:
        await asyncio.sleep(0.005)
    place["taken"] = True
    await asyncio.sleep(0.035)
    place["taken"] = False
    return "done"


@app.get("/two_connections", **fails("serialized", words=(r"habits\.py:\d+ engine\.connect",)))
def two_connections() -> str:
    """Have ten threads wait for two connections."""
    with engine.connect() as connection:
        # hazard: what a cursor that is left open holds, the collector ends on the loop's thread,
        # which waits for the connection's lock then: that is a block of 60 ms, now and then
        connection.execute(text("select wait(0.06)")).scalar()
    return "done"


@tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_fixed(0.03))
def ask() -> str:
    if next(tries) % 3:
        raise ConnectionError
    return "done"


@app.get("/retried", **fails("blocking-io"))
async def retried() -> str:
    """Sleep between two tries, in the library."""
    return ask()  # blocks: retried


@app.get("/completed", **fails("blocking-io"))
async def completed() -> str:
    futures = [threads.submit(time.sleep, 0.02 * n) for n in range(4)]
    return str(len(list(as_completed(futures))))  # blocks: completed
