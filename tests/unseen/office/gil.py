"""What freezes the loop from a thread: calls in C that keep the GIL."""

from __future__ import annotations

import asyncio
import re

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from office import sales, work
from office.case import bad, good

router = APIRouter(prefix="/gil")

ODD_NAME = "a" * 21 + "!"
NAME = re.compile(r"^(\w+\s?)*$")
NAME_IN_ONE_PASS = re.compile(r"^\w+(\s\w+)*\s?$")


@router.get("/name_check", openapi_extra=bad("gil-held"))
def name_check() -> dict:
    """Be a plain def, with a pattern that tries every way to divide a name."""
    return {"name": NAME.match(ODD_NAME) is not None}  # blocks: name_check


@router.get("/name_check_in_one_pass", openapi_extra=good("concurrent", "name_check"))
def name_check_in_one_pass() -> dict:
    """Be a plain def, with a pattern that has one way only."""
    return {"name": NAME_IN_ONE_PASS.match(ODD_NAME) is not None}


@router.get("/frame_in_thread", openapi_extra=bad("gil-held"))
async def frame_in_thread() -> dict:
    """Encode a data frame in a thread, which does not help."""
    return {"characters": len(await run_in_threadpool(sales.as_json))}


@router.get("/frame_by_process", openapi_extra=good("cpu-bound", "frame_in_thread"))
async def frame_by_process(request: Request) -> dict:
    """Encode a data frame in another process."""
    loop = asyncio.get_running_loop()
    count = await loop.run_in_executor(request.app.state.processes, work.export_frame)
    return {"characters": count}
