"""Innocent endpoints beside a periodic job on the loop that is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from declared import passes


async def _flush() -> None:
    """Flush the buffer to a slow disk, every 0.4 s."""
    while True:
        await asyncio.sleep(0.3)
        time.sleep(0.1)  # background


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Flush as long as the app lives."""
    task = asyncio.create_task(_flush())
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)


@app.get("/answers", **passes())
async def answers() -> str:
    return "done"


@app.get("/awaits_90", **passes())
async def awaits_90() -> str:
    await asyncio.sleep(0.09)
    return "done"


@app.get("/awaits_250", **passes())
async def awaits_250() -> str:
    await asyncio.sleep(0.25)
    return "done"
