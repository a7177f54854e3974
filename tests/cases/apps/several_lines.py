"""Several lines that share the time: each is blamed for its own."""

from __future__ import annotations

import time

from fastapi import FastAPI

from declared import fails
from work import database

app = FastAPI()
orders = database()


@app.get("/computes_thrice", **fails("blocking-cpu"))
async def computes_thrice() -> int:
    steps = _price()
    steps += _sort()
    steps += _render()
    return steps


def _price() -> int:
    return sum(n * n % 7 for _ in range(30) for n in range(50_000))  # blocks: computes_thrice 50%


def _sort() -> int:
    return sum(n * n % 7 for _ in range(18) for n in range(50_000))  # blocks: computes_thrice 30%


def _render() -> int:
    return sum(n * n % 7 for _ in range(12) for n in range(50_000))  # blocks: computes_thrice 20%


@app.get("/waits_twice", **fails("blocking-io"))
async def waits_twice() -> str:
    time.sleep(0.07)  # blocks: waits_twice 65%
    orders.execute("SELECT wait(0.0377)").fetchall()  # blocks: waits_twice 35%
    return "done"


@app.get("/loops", **fails("blocking-io"))
async def loops() -> str:
    """Block ten times on each of two lines."""
    for _ in range(10):
        time.sleep(0.008)  # blocks: loops 65%
        orders.execute("SELECT wait(0.0043)").fetchall()  # blocks: loops 35%
    return "done"
