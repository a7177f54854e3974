"""True with all cores, and under a quota of one core and of half a core."""

from __future__ import annotations

import asyncio
import os
import time
import zlib

from fastapi import FastAPI

from declared import fails, passes
from work import compute

QUOTAS = (1.0, 0.5)
app = FastAPI()
NOISE = os.urandom(3_000_000)


@app.get("/awaits", **passes())
async def awaits() -> str:
    await asyncio.sleep(0.25)
    return "done"


@app.get("/sleeps", **fails("blocking-io"))
async def sleeps() -> str:
    time.sleep(0.16)  # blocks: sleeps
    return "done"


@app.get("/computes", **fails("blocking-cpu"))
async def computes() -> int:
    return sum(n * n % 7 for _ in range(20) for n in range(130_000))  # blocks: computes


@app.get("/def_computes", **passes("gil-contention", "cpu-bound"))
def def_computes() -> int:
    return compute(0.1)


@app.get("/compresses_in_a_thread", **passes("cpu-bound"))
async def compresses_in_a_thread() -> int:
    return len(await asyncio.to_thread(zlib.compress, NOISE))


@app.get("/numbers", **passes("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention"))
async def numbers() -> list[int]:
    return list(range(1_500))
