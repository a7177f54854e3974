"""Big bodies, both ways, with which the app does nothing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from declared import passes

app = FastAPI()
PIECE = os.urandom(100_000)
PICTURE = PIECE * 30


@app.post(
    "/takes",
    **passes("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention", body_bytes=3_000_000),
)
async def takes(request: Request) -> int:
    return len(await request.body())


@app.post(
    "/counts",
    **passes("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention", body_bytes=3_000_000),
)
async def counts(request: Request) -> int:
    """Take the body piece by piece."""
    return sum([len(piece) async for piece in request.stream()])


@app.post(
    "/form",
    **passes(
        "concurrent", "cooperative-cpu", "cpu-bound", "gil-contention", upload_bytes=3_000_000
    ),
)
async def form(file: UploadFile) -> int:
    return file.size or 0


@app.get("/gives", **passes("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention"))
async def gives() -> Response:
    return Response(PICTURE, media_type="image/x-raw")


@app.get("/streams", **passes("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention"))
async def streams() -> StreamingResponse:
    return StreamingResponse(_pieces(), media_type="image/x-raw")


async def _pieces() -> AsyncIterator[bytes]:
    for _ in range(30):
        yield PIECE
