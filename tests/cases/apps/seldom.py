"""Endpoints that block seldom: their first request only, or one in three."""

from __future__ import annotations

import asyncio
import itertools
import time
from functools import cache

from fastapi import FastAPI

from declared import fails, names_its_line

app = FastAPI()
tokens, pages = itertools.count(), itertools.count()


@cache
def _settings() -> str:
    time.sleep(0.25)  # blocks: first_sleeps
    return "settings"


@cache
def _model() -> int:
    return sum(n * n % 7 for _ in range(30) for n in range(130_000))  # blocks: first_computes


@app.get("/first_sleeps", **names_its_line())
async def first_sleeps() -> str:
    await asyncio.sleep(0.08)
    return _settings()


@app.get("/first_computes", **names_its_line())
async def first_computes() -> int:
    await asyncio.sleep(0.08)
    return _model()


@app.get("/one_in_three", **fails("blocking-io"))
async def one_in_three() -> str:
    if next(tokens) % 3 == 0:
        time.sleep(0.15)  # blocks: one_in_three
    await asyncio.sleep(0.07)
    return "done"
