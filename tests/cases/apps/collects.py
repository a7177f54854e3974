"""Garbage collections that somebody asks for: each keeps the GIL for as long as it takes."""

from __future__ import annotations

import gc

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from declared import fails, passes

app = FastAPI()
catalogue = {n: [n, {"sizes": [n, n + 1]}, ({"parent": [n]},)] for n in range(180_000)}


def _tidy() -> int:
    """Leave no garbage behind, as a report that takes much memory might."""
    return gc.collect()  # blocks: helper, in_a_threadpool


@app.get("/helper", **fails("blocking-cpu"))
async def helper() -> int:
    return _tidy()


@app.get("/in_a_threadpool", **fails("gil-held"))
async def in_a_threadpool() -> int:
    return await run_in_threadpool(_tidy)


@app.get("/in_def", **fails("gil-held"))
def in_def() -> int:
    return gc.collect()  # blocks: in_def


@app.get("/youngest", **passes("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention"))
async def youngest() -> int:
    """Collect what is young alone, which takes no time."""
    return gc.collect(0)
