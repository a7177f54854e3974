"""Innocent endpoints beside a thread of the app's own that keeps the GIL from time to time."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from declared import passes

FEW = [{"id": n, "name": "a shirt", "tags": ["red", "cotton"]} for n in range(10_000)]


def _taking_s() -> float:
    """Give the CPU time that a snapshot of the few takes: on 3.15 half of what it does on 3.11."""
    began_s = time.thread_time()
    json.dumps(FEW)
    return time.thread_time() - began_s


ROWS = FEW * round(0.09 / min(_taking_s() for _ in range(5)))


def _snapshot(stop: threading.Event) -> None:
    """Take a snapshot twice a second, in one call of C."""
    while not stop.wait(0.4):
        json.dumps(ROWS)  # background


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Take snapshots as long as the app lives."""
    stop = threading.Event()
    thread = threading.Thread(target=_snapshot, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join()


app = FastAPI(lifespan=lifespan)


@app.get("/answers", **passes())
async def answers() -> str:
    return "done"


@app.get("/awaits_120", **passes())
async def awaits_120() -> str:
    await asyncio.sleep(0.12)
    return "done"
