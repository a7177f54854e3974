"""Endpoints that end their server, hold it past any deadline, or give half an answer."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import time

from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import JSONResponse

app = FastAPI()


@app.get("/sleeps")
async def sleeps() -> None:
    """Hold the loop for longer than the deadline, and come back."""
    time.sleep(2.0)  # mark: sleeps


@app.get("/hangs")
async def hangs() -> None:
    """Never come back, within a C call that keeps the GIL: the probe sees nothing of it."""
    re.match(r"(a+)+$", "a" * 64 + "b")  # mark: hangs


@app.get("/ends")
async def ends() -> None:
    """End the process with a code of its own."""
    os._exit(7)


@app.get("/faults")
async def faults() -> None:
    """Read where there is nothing."""
    ctypes.string_at(0)  # mark: faults


@app.get("/raises")
async def raises() -> None:
    """Leave a traceback in the log."""
    raise LookupError("what /raises says")


@app.get("/says")
async def says() -> Response:
    """Answer 500 in words of its own, and print nothing."""
    return JSONResponse({"detail": "what /says says"}, 500)


@app.get("/cut")
async def cut() -> Response:
    """Promise more than comes."""
    return Response(b"half", headers={"content-length": "100"})


@app.get("/garbled")
async def garbled() -> Response:
    """Call something gzip that is not."""
    return Response(b"plain", headers={"content-encoding": "gzip"})


@app.get("/limited")
async def limited() -> None:
    """Turn everybody away."""
    raise HTTPException(429)


@app.get("/known/{number}")
async def known(number: int) -> None:
    """Know no number that is made up."""
    raise HTTPException(404, f"there is no {number}")


@app.get("/free")
async def free() -> str:
    """Keep the loop free."""
    await asyncio.sleep(0.02)
    return "free"
