"""An app whose endpoints go wrong in the ways that a measuring tool has to tell apart."""

from __future__ import annotations

import asyncio
import os
import time

from fastapi import FastAPI
from fastapi.responses import JSONResponse

app = FastAPI()
app.state.asked = 0


@app.get("/blocks")
async def blocks() -> dict[str, str]:
    """Hold the loop for a tenth of a second."""
    time.sleep(0.1)  # noqa: ASYNC251 - blocking is what it is for
    return {"answer": "same"}


@app.get("/free")
async def free() -> dict[str, str]:
    """Wait as long, with the loop free."""
    await asyncio.sleep(0.1)
    return {"answer": "same"}


@app.get("/other")
async def other() -> dict[str, str]:
    """Be fast by answering something else."""
    return {"answer": "other"}


@app.get("/never")
async def never() -> None:
    """Never answer."""
    await asyncio.Event().wait()


@app.get("/dies")
async def dies() -> None:
    """End the server on the fifth request."""
    app.state.asked += 1
    if app.state.asked > 4:
        os._exit(7)
    await asyncio.sleep(0.3)


@app.get("/fails-under-load")
async def fails_under_load() -> JSONResponse:
    """Answer 500 as soon as two requests are in at once."""
    app.state.asked += 1
    await asyncio.sleep(0.1)
    crowded = app.state.asked > 1
    app.state.asked -= 1
    return JSONResponse({}, status_code=500 if crowded else 200)
