"""Long endpoints that block the loop for a small share of their own time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import requests
from fastapi import FastAPI, Request

from declared import fails, passes
from upstream import running_upstream
from work import database


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have an upstream as long as the app lives."""
    with running_upstream() as app.state.upstream:
        yield


app = FastAPI(lifespan=lifespan)
orders = database()


@app.get("/sleeps_75_of_1100", **fails("blocking-io"))
async def sleeps_75_of_1100() -> str:
    time.sleep(0.075)  # blocks: sleeps_75_of_1100
    await asyncio.sleep(1.025)
    return "done"


@app.get("/sleeps_20_times_4_of_1000", **fails("blocking-io"))
async def sleeps_20_times_4_of_1000() -> str:
    """80 ms in all, none of it longer than 4 ms."""
    for _ in range(20):
        time.sleep(0.004)  # blocks: sleeps_20_times_4_of_1000
        await asyncio.sleep(0.046)
    return "done"


@app.get("/queries_80_of_1300", **fails("blocking-io"))
async def queries_80_of_1300() -> str:
    await asyncio.sleep(1.22)
    orders.execute("SELECT wait(0.08)").fetchall()  # blocks: queries_80_of_1300
    return "done"


@app.get("/asks_90_of_1500", **fails("blocking-io"))
async def asks_90_of_1500(request: Request) -> str:
    await asyncio.sleep(1.41)
    return requests.get(f"{request.app.state.upstream}/90").text  # blocks: asks_90_of_1500


@app.get("/sleeps_20_of_1200", **passes("short-waits"))
async def sleeps_20_of_1200() -> str:
    """Wait for less than the loop limit and a tenth: ten of them make others wait for 0.2 s."""
    await asyncio.sleep(1.18)
    time.sleep(0.02)
    return "done"


@app.get("/awaits_1200", **passes())
async def awaits_1200() -> str:
    await asyncio.sleep(1.2)
    return "done"
