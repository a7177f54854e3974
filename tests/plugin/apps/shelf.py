"""A service that the suites check: some of it blocks, some refuses, some does not start."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Body, Depends, FastAPI, Header, HTTPException

app = FastAPI()
unstarted = FastAPI(lifespan=lambda _: broken())
stuck = FastAPI(lifespan=lambda _: endless())
asked: list[str] = []


@asynccontextmanager
async def broken():
    """Fail on start."""
    raise LookupError("no such table: books")
    yield


@asynccontextmanager
async def endless():
    """Never complete the start."""
    await asyncio.Event().wait()
    yield


def make() -> FastAPI:
    """Be the factory of the app."""
    return app


def store() -> None:
    """Be what tests replace: the real one blocks."""
    time.sleep(0.02)  # mark: store


def keep() -> None:
    """Be what tests patch: it blocks as well."""
    time.sleep(0.02)


async def opened() -> None:
    """Be a dependency."""
    store()


@app.get("/free")
async def free() -> str:
    """Keep the loop free."""
    asked.append("free")
    await asyncio.sleep(0.02)
    return "free"


@app.get("/books", dependencies=[Depends(opened)])
async def books() -> str:
    """Block, by a dependency."""
    return "books"


@app.get("/kept")
async def kept() -> str:
    """Block, by a function of this module."""
    keep()
    return "kept"


@app.post("/books")
async def add(book: dict[str, str]) -> dict[str, str]:
    """Take a body."""
    return book


@app.get("/slow")
async def slow() -> str:
    """Take so long that a test may run into its own limit."""
    await asyncio.sleep(1)
    return "slow"


@app.get("/secret")
async def secret() -> str:
    """Want credentials."""
    raise HTTPException(401)


@app.get("/wrong")
async def wrong() -> str:
    """Never work."""
    raise LookupError("no such table: books")


@app.get("/mine/{shelf}")
async def mine(shelf: str, authorization: Annotated[str, Header()], lang: str = "") -> str:
    """Want the header, the value and the query that the configuration gives."""
    if (shelf, authorization, lang) != ("top", "Bearer open sesame", "en"):
        raise HTTPException(401, "who are you?")
    return "mine"


@app.post("/lend")
async def lend(to: Annotated[str, Body(embed=True)]) -> str:
    """Take the body that the configuration gives, and make it the status."""
    if to != "ann":
        raise HTTPException(409, "lent already")
    return "lent"
