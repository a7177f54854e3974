"""Waiting and computing inside greenlets, as all of SQLAlchemy's AsyncSession does."""

from __future__ import annotations

import asyncio
import time
from importlib.util import find_spec

from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.util import await_only, greenlet_spawn

from declared import fails, passes
from work import database

app = FastAPI()
orders = database()


def _pause() -> None:
    time.sleep(0.12)  # blocks: sleeps


def _query() -> None:
    await_only(asyncio.sleep(0.09))
    orders.execute("SELECT wait(0.025)").fetchall()  # blocks: queries_25_of_115


def _count() -> int:
    return sum(n * n % 7 for _ in range(15) for n in range(130_000))  # blocks: counts


def _await() -> None:
    for _ in range(5):
        await_only(asyncio.sleep(0.03))


@app.get("/sleeps", **fails("blocking-io"))
async def sleeps() -> str:
    await greenlet_spawn(_pause)
    return "done"


@app.get("/queries_25_of_115", **fails("blocking-io"))
async def queries_25_of_115() -> str:
    await greenlet_spawn(_query)
    return "done"


@app.get("/counts", **fails("blocking-cpu"))
async def counts() -> int:
    return await greenlet_spawn(_count)


@app.get("/awaits", **passes())
async def awaits() -> str:
    await greenlet_spawn(_await)
    return "done"


if find_spec("aiosqlite"):
    engine = create_async_engine("sqlite+aiosqlite://")
    audited = create_async_engine("sqlite+aiosqlite://")

    @event.listens_for(audited.sync_engine, "before_cursor_execute")
    def audit(*_: object) -> None:
        """Write the statement down, slowly."""
        time.sleep(0.1)  # blocks: session_audited

    @app.get("/session", **passes("concurrent", "gil-contention", "cpu-bound", needs="aiosqlite"))
    async def session() -> int:
        async with AsyncSession(engine) as one:
            answer = (await one.execute(text("SELECT 1"))).scalar_one()
        await asyncio.sleep(0.2)
        return answer

    @app.get("/session_audited", **fails("blocking-io", needs="aiosqlite"))
    async def session_audited() -> int:
        async with AsyncSession(audited) as one:
            return (await one.execute(text("SELECT 1"))).scalar_one()
