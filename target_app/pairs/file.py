"""A slow file: ``open().read()`` against ``aiofiles``.

On a network share a file may take a second to open. No file system call can be awaited; aiofiles
does it in a thread, of the loop's default executor unless it is given another. That executor has
``min(32, cpus + 4)`` threads, so the one which the app has sized is handed over by name.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

import aiofiles
from fastapi import APIRouter, FastAPI, Request

from neverblock import model
from neverblock.model import Diagnosis, Expectation, Pair, Variant, Verdict
from target_app.settings import own_time_s
from target_app.slow_files import slow_files

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

router = APIRouter(prefix="/pairs/file", tags=["file"])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep a slow file system for as long as the app serves."""
    with slow_files() as files:
        app.state.files = files
        yield


def described(content: bytes) -> dict[str, int | str]:
    """Say what was read."""
    return {"bytes": len(content), "sha256": sha256(content).hexdigest()}


@router.get("/bad")
async def bad(request: Request) -> dict[str, int | str]:
    """Open and read on the loop's thread."""
    with (
        request.app.state.files.file(own_time_s()) as path,
        open(path, "rb") as file,  # noqa: ASYNC230, PTH123 - the lesson
    ):
        return described(file.read())


@router.get("/good")
async def good(request: Request) -> dict[str, int | str]:
    """Open and read in threads of the sized executor."""
    with request.app.state.files.file(own_time_s()) as path:
        async with aiofiles.open(path, "rb", executor=request.app.state.threads) as file:
            return described(await file.read())


PAIR = Pair(
    name="file",
    title="A slow file",
    blocking_call="open().read()",
    replacement="aiofiles",
    why=(
        "A file on a slow disk or share holds the loop for as long as it takes to open; aiofiles "
        "waits for it in a thread."
    ),
    own_time_s=1.0,
    variants={
        "bad": Variant(
            model.Request("GET", "/pairs/file/bad"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO),
        ),
        "good": Variant(
            model.Request("GET", "/pairs/file/good"),
            Expectation(Verdict.PASS, Diagnosis.CONCURRENT),
        ),
    },
)
