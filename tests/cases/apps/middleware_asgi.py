"""A pure ASGI middleware that passes on, but for one path; and answers that are slow to encode."""

from __future__ import annotations

import time
from typing import Any

from fastapi import FastAPI

from declared import fails, passes

app = FastAPI()
LEDGER = [{"entry": n, "lines": [{"sum": n}] * 3, "text": "x" * 12} for n in range(6_000)]


class Audit:
    """Pass on; write the audited path down first."""

    def __init__(self, app: Any) -> None:
        """Take the app inside."""
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass on."""
        if scope.get("path") == "/audited":
            time.sleep(0.11)  # blocks: audited
        await self.app(scope, receive, send)


app.add_middleware(Audit)


@app.get("/ledger", response_model=None, **fails("blocking-cpu"))
async def ledger() -> Any:  # framework: ledger
    return LEDGER


@app.get("/ledger_of_def", response_model=None, **fails("blocking-cpu"))
def ledger_of_def() -> Any:  # framework: ledger_of_def
    return LEDGER


@app.get("/audited", **fails("blocking-io"))
async def audited() -> str:
    return "done"


@app.get("/small", **passes())
async def small() -> str:
    return "done"
