"""An app that waits, computes, or does neither."""

import asyncio
import hashlib
import time

from fastapi import FastAPI

app = FastAPI()


@app.get("/waits")
async def waits():
    """Block for 200 ms."""
    time.sleep(0.2)  # mark: waits


@app.get("/computes")
async def computes():
    """Compute for longer than the limit, whatever the machine."""
    digest, until = b"", time.thread_time() + 0.15
    while time.thread_time() < until:
        digest = hashlib.sha256(digest * 1000).digest()  # mark: computes


@app.get("/free")
async def free():
    """Wait without blocking anybody."""
    await asyncio.sleep(0.05)
