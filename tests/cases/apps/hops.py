"""Many small steps in threads: what is handed to and fro is the GIL, and nobody queues."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import FileResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from declared import passes

PIECES = 200


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have a file to send."""
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(os.urandom(1_000_000) * 12)
        file.flush()
        app.state.file = file.name
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/threadpool", **passes("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention"))
async def threadpool() -> int:
    """Go through anyio's threads."""
    return sum([await run_in_threadpool(len, "step") for _ in range(PIECES)])


@app.get("/to_thread", **passes("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention"))
async def to_thread() -> int:
    """Go through the default executor's threads."""
    return sum([await asyncio.to_thread(len, "step") for _ in range(PIECES)])


@app.get("/plain_rows", **passes("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention"))
async def plain_rows() -> StreamingResponse:
    """Stream from a plain generator, every row of which is a step in a thread."""
    return StreamingResponse(_rows(), media_type="text/csv")


def _rows() -> Iterator[str]:
    for number in range(PIECES):
        yield f"{number},row\n"


@app.get("/film", **passes("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention"))
async def film() -> FileResponse:
    """Send 12 MB, every piece of which is read in a thread."""
    return FileResponse(app.state.file)
