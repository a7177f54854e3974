"""What is answered to made-up values, mounted, or asked with a body that nobody can guess."""

from __future__ import annotations

import time

from fastapi import FastAPI, Request, UploadFile

app = FastAPI()
ROWS = {"acme": range(40)}


@app.get("/{tenant}/rows")
async def rows(tenant: str) -> list[int]:
    """Hold the loop for every row, of which a made-up tenant has none."""
    found = []
    for row in ROWS.get(tenant, ()):
        time.sleep(0.005)
        found.append(row)
    return found


@app.get("/innocent")
async def innocent() -> list[int]:
    """Take no values, and answer with nothing."""
    return []


@app.post("/raw")
async def raw(request: Request) -> int:
    """Count the bytes of a body that no document describes."""
    return len(await request.body())


@app.post("/form")
async def form(upload: UploadFile) -> int:
    """Count the bytes of an upload."""
    return upload.size or 0


async def metrics(scope, receive, send):
    """Answer as a metrics endpoint does."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"up 1"})


app.mount("/metrics", metrics)
