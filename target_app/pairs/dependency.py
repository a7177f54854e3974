"""A dependency that blocks: the endpoint is innocent, and so is every line of it.

FastAPI runs an ``async def`` dependency on the loop, like an ``async def`` endpoint. One that calls
a library from before asyncio stops everybody, and no review of the endpoint shows it. Where there
is no asynchronous library, ``run_in_threadpool`` makes do.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Request
from fastapi.concurrency import run_in_threadpool

from neverblock import model
from neverblock.model import Diagnosis, Expectation, Pair, Variant, Verdict
from target_app.directory import directory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

User = Annotated[str, Path(pattern="^[a-z]{1,32}$")]

router = APIRouter(prefix="/pairs/dependency", tags=["dependency"])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep the legacy directory, and a client of it, for as long as the app serves."""
    with directory() as client:
        app.state.directory = client
        yield


def known(name: str | None) -> str:
    """Give the name, or 404 where there is none."""
    if name is None:
        raise HTTPException(404, "The directory does not know this user.")
    return name


async def blocking_name(user: User, request: Request) -> str:
    """Look the user up on the loop's thread."""
    return known(request.app.state.directory.full_name(user))


async def threaded_name(user: User, request: Request) -> str:
    """Look the user up in a thread."""
    return known(await run_in_threadpool(request.app.state.directory.full_name, user))


@router.get("/bad/{user}")
async def bad(name: Annotated[str, Depends(blocking_name)]) -> dict[str, str]:
    """Greet the user whom the blocking dependency found."""
    return {"greeting": f"Hello, {name}."}


@router.get("/good/{user}")
async def good(name: Annotated[str, Depends(threaded_name)]) -> dict[str, str]:
    """Greet the user whom the dependency found in a thread."""
    return {"greeting": f"Hello, {name}."}


PAIR = Pair(
    name="dependency",
    title="A dependency on a synchronous library",
    blocking_call="a synchronous client in an async def dependency",
    replacement="run_in_threadpool in the dependency",
    why=(
        "An async def dependency runs on the loop, whatever it calls; the endpoint that uses it "
        "looks innocent and stops everybody."
    ),
    own_time_s=1.0,
    variants={
        "bad": Variant(
            model.Request("GET", "/pairs/dependency/bad/ada"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO),
        ),
        "good": Variant(
            model.Request("GET", "/pairs/dependency/good/ada"),
            Expectation(Verdict.PASS, Diagnosis.CONCURRENT),
        ),
    },
)
