"""A wait: ``time.sleep`` against ``asyncio.sleep``.

The simplest way to stop a service. Nothing about it was deprecated; it is here because it is what
every other pair comes down to: a thread that waits inside a call, while the loop needs it.
"""

from __future__ import annotations

import asyncio
import time

from fastapi import APIRouter

from neverblock.model import Diagnosis, Expectation, Pair, Request, Variant, Verdict
from target_app.settings import own_time_s

router = APIRouter(prefix="/pairs/sleep", tags=["sleep"])


@router.get("/bad")
async def bad() -> dict[str, float]:
    """Wait on the loop's thread: nobody else is served meanwhile."""
    time.sleep(own_time_s())  # noqa: ASYNC251 - the lesson
    return {"slept_s": own_time_s()}


@router.get("/good")
async def good() -> dict[str, float]:
    """Give the loop back while waiting."""
    await asyncio.sleep(own_time_s())
    return {"slept_s": own_time_s()}


PAIR = Pair(
    name="sleep",
    title="A plain wait",
    blocking_call="time.sleep",
    replacement="asyncio.sleep",
    why="time.sleep parks the only thread that serves; asyncio.sleep parks the request alone.",
    own_time_s=1.0,
    variants={
        "bad": Variant(
            Request("GET", "/pairs/sleep/bad"), Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO)
        ),
        "good": Variant(
            Request("GET", "/pairs/sleep/good"), Expectation(Verdict.PASS, Diagnosis.CONCURRENT)
        ),
    },
)
