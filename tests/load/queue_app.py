"""A tiny app whose loop is free: one endpoint queues for a lock, one only sleeps."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

app = FastAPI()
one_at_a_time = asyncio.Lock()


@app.get("/queues")
async def queues() -> str:
    """Let one request in at a time."""
    async with one_at_a_time:  # mark: queues
        await asyncio.sleep(0.05)
    return "done"


@app.get("/sleeps")
async def sleeps() -> str:
    """Wait for nobody."""
    await asyncio.sleep(0.05)
    return "done"
