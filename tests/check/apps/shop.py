"""A service as people have them: some of it blocks, some refuses, some never ends."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, FastAPI, Header, HTTPException, Response
from fastapi.responses import RedirectResponse, StreamingResponse

WORK_S = 0.05
TOKEN = "open-sesame"  # noqa: S105 - what the tests hand over, to find it nowhere else

app = FastAPI(openapi_url=None)
orders = APIRouter(prefix="/orders")
at_once = 0


def load(seconds: float) -> float:
    """Be the helper that blocks."""
    time.sleep(seconds)  # mark: load
    return seconds


@app.get("/free")
async def free() -> str:
    """Keep the loop free."""
    await asyncio.sleep(WORK_S)
    return "free"


@orders.get("/{order_id}")
async def order(order_id: int) -> float:
    """Block, one helper deep, in a router that is included."""
    return load(WORK_S + 0 * order_id)


@orders.post("")
async def buy(item: dict[str, int]) -> dict[str, int]:
    """Change something."""
    return item


@app.get("/users/{user_id}")
async def user(user_id: int) -> int:
    """Know one user only."""
    if user_id != 7:
        raise HTTPException(404)
    return user_id


@app.get("/secret")
async def secret(authorization: Annotated[str, Header()] = "") -> str:
    """Ask for a token."""
    if authorization != f"Bearer {TOKEN}":
        raise HTTPException(401, headers={"www-authenticate": "Bearer"})
    return "yours"


@app.get("/old")
async def old() -> Response:
    """Have moved."""
    return RedirectResponse("/free")


@app.get("/login", responses={307: {"description": "to the identity provider"}})
async def login() -> Response:
    """Redirect, as its document says."""
    return RedirectResponse("/free")


@app.get("/limited")
async def limited() -> str:
    """Take a few at once, and no more."""
    global at_once  # noqa: PLW0603 - the whole service has one limit
    at_once += 1
    try:
        await asyncio.sleep(WORK_S)
        if at_once > 3:
            raise HTTPException(429)
    finally:
        at_once -= 1
    return "within the limit"


@app.get("/fragile")
async def fragile() -> str:
    """Break under load."""
    global at_once  # noqa: PLW0603 - the same
    at_once += 1
    try:
        await asyncio.sleep(WORK_S)
        if at_once > 1:
            raise HTTPException(500)
    finally:
        at_once -= 1
    return "alone"


@app.get("/broken")
async def broken() -> str:
    """Never work."""
    raise LookupError("no such table: users")


@app.get("/endless")
async def endless() -> Response:
    """Stream for ever."""

    async def beats():
        while True:
            yield b"beat\n"
            await asyncio.sleep(0.01)

    return StreamingResponse(beats())


@app.get("/huge")
async def huge() -> Response:
    """Give half a gigabyte."""

    async def zeros():
        for _ in range(500):
            yield bytes(2**20)

    return StreamingResponse(zeros())


app.include_router(orders)
