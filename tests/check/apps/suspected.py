"""An app that a linter complains of, rightly and wrongly: ``# mark:`` names each line."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI

app = FastAPI()
ROWS = {"acme": range(20)}


async def settings() -> str:
    """Open a small local file, this one, which takes microseconds."""
    with Path(__file__).open() as file:  # noqa: ASYNC230 - what the test is about  # mark: harmless
        return file.read()


@app.get("/small")
async def small(text: Annotated[str, Depends(settings)]) -> str:
    """Depend on the file."""
    return text


@app.get("/{tenant}/rows")
async def rows(tenant: str) -> list[int]:
    """Block for each row, and have none for a tenant that was made up."""
    found = []
    for row in ROWS.get(tenant, ()):
        time.sleep(0.005)  # mark: not-reached
        found.append(row)
    return found


@app.get("/blocks")
async def blocks() -> str:
    """Block plainly."""
    time.sleep(0.06)  # mark: confirmed
    return "done"


def forgotten() -> None:
    """Be called by nobody."""
    time.sleep(0.06)  # mark: not-known


def deep() -> str:
    """Block where no linter looks."""
    time.sleep(0.06)  # mark: unsuspected
    return "done"


@app.get("/hidden")
async def hidden() -> str:
    """Call what blocks."""
    return deep()


@app.post("/orders")
async def orders() -> str:
    """Change something, so that nobody asks without being told to."""
    time.sleep(0.06)  # mark: not-asked
    return "ordered"
