"""Innocent endpoints beside a thread of the app's own that keeps the GIL from time to time."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from declared import passes

ROWS = [{"id": n, "name": "a shirt", "tags": ["red", "cotton"]} for n in range(120_000)]


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
