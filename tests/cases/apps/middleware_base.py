"""A BaseHTTPMiddleware that passes on, before an answer that the framework is slow to encode."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint

from declared import fails, passes

app = FastAPI()


class Entry(BaseModel):
    """One entry of the ledger."""

    number: int
    sums: list[float]
    text: str


LEDGER = [{"number": n, "sums": [0.5 * n] * 4, "text": "x" * 12} for n in range(50_000)]


class Stamp(BaseHTTPMiddleware):
    """Stamp each answer."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Pass on, and add a header."""
        response = await call_next(request)
        response.headers["x-stamp"] = "1"
        return response


app.add_middleware(Stamp)


@app.get("/ledger", response_model=list[Entry], **fails("blocking-cpu"))
async def ledger() -> Any:  # framework: ledger
    return LEDGER


@app.get("/small", **passes())
async def small() -> str:
    await asyncio.sleep(0.1)
    return "done"
