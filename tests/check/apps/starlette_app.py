"""Plain Starlette: no document of its own."""

import asyncio
import time

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def free(_):
    """Keep the loop free."""
    await asyncio.sleep(0.05)
    return PlainTextResponse("free")


async def blocks(_):
    """Hold the loop."""
    time.sleep(0.05)  # mark: blocks
    return PlainTextResponse("blocks")


app = Starlette(routes=[Route("/free", free), Route("/blocks", blocks)])
