"""A raw ASGI app, mounted, which no OpenAPI document knows."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from declared import passes

LISTED = ("/gauges",)
app = FastAPI()


async def gauges(_: dict[str, Any], __: Any, send: Any) -> None:
    """Answer with the gauges."""
    start = {"type": "http.response.start", "status": 200, "headers": []}
    await send(start)
    await send({"type": "http.response.body", "body": b"requests 1\n"})


app.mount("/gauges", gauges)


@app.get("/answers", **passes())
async def answers() -> str:
    return "done"
