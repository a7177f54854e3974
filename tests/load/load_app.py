"""A tiny app for the tests of loads: one endpoint blocks, one is innocent, one refuses."""

from __future__ import annotations

import asyncio
import time

from fastapi import APIRouter, FastAPI, HTTPException

app = FastAPI()
router = APIRouter(prefix="/items")


@router.get("/{number}")
async def innocent(number: int) -> int:
    """Wait as an async client does."""
    await asyncio.sleep(0.01)
    return number


@app.get("/slow")
async def slow() -> str:
    """Hold the loop."""
    time.sleep(0.1)  # noqa: ASYNC251 - what the tests are about  # mark: slow
    return "done"


@app.get("/refused")
async def refused() -> None:
    """Refuse."""
    raise HTTPException(403)


app.include_router(router)
