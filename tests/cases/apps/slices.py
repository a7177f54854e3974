"""Computing on the loop: in slices under its limit, and at once."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from declared import fails, passes
from work import compute

app = FastAPI()


@app.get("/one_slice_of_30", **passes("cooperative-cpu"))
async def one_slice_of_30() -> str:
    await asyncio.sleep(0.05)
    compute(0.03)
    return "done"


@app.get("/eight_slices_of_15", **passes("cooperative-cpu"))
async def eight_slices_of_15() -> str:
    for _ in range(8):
        compute(0.015)
        await asyncio.sleep(0.01)
    return "done"


@app.get("/twelve_slices_of_10", **passes("cooperative-cpu"))
async def twelve_slices_of_10() -> str:
    """Give way without waiting."""
    for _ in range(12):
        compute(0.01)
        await asyncio.sleep(0)
    return "done"


@app.get("/generates_slices", **passes("cooperative-cpu"))
async def generates_slices() -> int:
    return sum([steps async for steps in _slices()])


async def _slices():
    for _ in range(6):
        yield compute(0.02)
        await asyncio.sleep(0.002)


@app.get("/computes_at_once", **fails("blocking-cpu"))
async def computes_at_once() -> int:
    return sum(n * n % 7 for _ in range(15) for n in range(130_000))  # blocks: computes_at_once
