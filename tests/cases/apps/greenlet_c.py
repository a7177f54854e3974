"""A C function that is alone in its greenlet, with innocent endpoints before it and after it."""

from __future__ import annotations

import asyncio
import hashlib
import time

from fastapi import FastAPI
from sqlalchemy.util import greenlet_spawn

from declared import fails, passes

app = FastAPI()


@app.get("/a_awaits", **passes())
async def a_awaits() -> str:
    await asyncio.sleep(0.05)
    return "done"


@app.get("/b_sleeps_in_c", **fails("blocking-io"))
async def b_sleeps_in_c() -> str:
    await greenlet_spawn(time.sleep, 0.14)  # blocks: b_sleeps_in_c
    return "done"


@app.get("/c_awaits", **passes())
async def c_awaits() -> str:
    await asyncio.sleep(0.12)
    return "done"


@app.get("/d_hashes_in_c", **fails("blocking-cpu"))
async def d_hashes_in_c() -> int:
    key = await greenlet_spawn(  # blocks: d_hashes_in_c
        hashlib.pbkdf2_hmac, "sha256", b"pass", b"salt", 400_000
    )
    return len(key)


@app.get("/e_awaits", **passes())
async def e_awaits() -> str:
    await asyncio.sleep(0.05)
    return "done"
