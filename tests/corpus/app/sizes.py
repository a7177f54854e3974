"""Endpoints about how much is too much: small waits, small computations, many slices."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import repeat

from fastapi import APIRouter
from neverblock.model import Diagnosis

from app.catalogue import FEW_ROWS
from app.declared import fails, passes

router = APIRouter(prefix="/sizes")


def compute(cpu_s: float) -> None:
    """Compute in Python for that much CPU time of this thread, however slow the machine is."""
    until = time.thread_time() + cpu_s
    any(clock() >= until for clock in repeat(time.thread_time))  # blocks: compute_60, compute_15


@router.get("/trivial", **passes())
async def trivial() -> str:
    """Do nothing."""
    return "nothing"


@router.get("/wait_5_of_10", **fails(Diagnosis.BLOCKING_IO))
async def wait_5_of_10() -> str:
    """Block for 5 ms of 10."""
    await asyncio.sleep(0.005)
    time.sleep(0.005)  # blocks: wait_5_of_10
    return "done"


@router.get("/wait_20_of_100", **fails(Diagnosis.BLOCKING_IO))
async def wait_20_of_100() -> str:
    """Block for 20 ms in the middle of a long await."""
    await asyncio.sleep(0.04)
    time.sleep(0.02)  # blocks: wait_20_of_100
    await asyncio.sleep(0.04)
    return "done"


@router.get("/sixty_waits_of_5", **fails(Diagnosis.BLOCKING_IO))
async def sixty_waits_of_5() -> str:
    """Block sixty times for 5 ms, and let others run in between."""
    for _ in range(60):
        time.sleep(0.005)  # blocks: sixty_waits_of_5
        await asyncio.sleep(0)
    return "done"


@router.get("/compute_60", **fails(Diagnosis.BLOCKING_CPU))
async def compute_60() -> str:
    """Compute for 60 ms without a break."""
    compute(0.06)
    return "done"


@router.get("/compute_15", **fails(Diagnosis.BLOCKING_CPU, loop_limit_s=0.01))
async def compute_15() -> str:
    """Compute for 15 ms, where 10 ms are allowed."""
    compute(0.015)
    return "done"


@router.get("/json_10", **passes(Diagnosis.COOPERATIVE_CPU))
async def json_10() -> int:
    """Do some 10 ms of honest JSON work, 20 before 3.15: one by one, and nobody notices."""
    return len(json.dumps(FEW_ROWS * 2))


@router.get("/sixty_computations_of_5", **passes(Diagnosis.COOPERATIVE_CPU))
async def sixty_computations_of_5() -> str:
    """Compute for 300 ms, and let others run every 5 ms."""
    for _ in range(60):
        compute(0.005)
        await asyncio.sleep(0)
    return "done"


@router.get("/cooperative", **passes(Diagnosis.COOPERATIVE_CPU))
async def cooperative() -> int:
    """Compute on many rows, and let others run after each few."""
    total = 0
    for start in range(0, 2_000_000, 10_000):
        total += sum(number * number for number in range(start, start + 10_000))
        await asyncio.sleep(0)
    return total
