"""Litestar, whose document is an object of its own."""

import asyncio
import time

from litestar import Litestar, get


@get("/free")
async def free() -> str:
    """Keep the loop free."""
    await asyncio.sleep(0.05)
    return "free"


@get("/blocks")
async def blocks() -> str:
    """Hold the loop."""
    time.sleep(0.05)  # mark: blocks
    return "blocks"


app = Litestar([free, blocks])
