"""The handlers."""

from __future__ import annotations

import asyncio
import time

from fastapi import APIRouter, FastAPI

from declared import fails, passes

router = APIRouter()


@router.get("/books", **fails("blocking-io"))
async def books() -> str:
    await asyncio.sleep(0.02)
    time.sleep(0.13)  # blocks: books
    return "done"


@router.get("/sums", **fails("blocking-cpu"))
async def sums() -> int:
    return _add_up()


def _add_up() -> int:
    return sum(n * n % 7 for _ in range(15) for n in range(130_000))  # blocks: sums


@router.get("/awaits", **passes())
async def awaits() -> str:
    await asyncio.sleep(0.1)
    return "done"


def make_app() -> FastAPI:
    """Make the app."""
    app = FastAPI()
    app.include_router(router)
    return app
