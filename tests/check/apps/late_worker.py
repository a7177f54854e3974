"""An app whose first worker imports it at once, and every other one three seconds later."""

from __future__ import annotations

import asyncio
import os
import time

from fastapi import FastAPI

try:
    os.close(os.open(os.environ["FIRST"], os.O_CREAT | os.O_EXCL))
except FileExistsError:
    time.sleep(3.0)

app = FastAPI()


@app.get("/waits")
async def waits() -> None:
    """Take long enough to be measured while the other one comes."""
    await asyncio.sleep(0.4)


@app.get("/waits_as_well")
async def waits_as_well() -> None:
    """Take as long."""
    await asyncio.sleep(0.4)
