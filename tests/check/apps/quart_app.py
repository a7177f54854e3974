"""Quart: Flask's interface on an event loop."""

import asyncio
import time

from quart import Quart

app = Quart(__name__)


@app.get("/free")
async def free():
    """Keep the loop free."""
    await asyncio.sleep(0.05)
    return "free"


@app.get("/blocks")
async def blocks():
    """Hold the loop."""
    time.sleep(0.05)  # mark: blocks
    return "blocks"
