"""Endpoints that look guilty and are innocent."""

from __future__ import annotations

import asyncio
import hashlib
import json
import queue
import threading
import time
from pathlib import Path

import requests
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from office.case import decoy
from office.settings import settings

router = APIRouter(prefix="/decoys")


class Robot:
    """Something whose methods go by the names of blocking ones."""

    async def sleep(self, seconds: float) -> None:
        """Rest."""
        await asyncio.sleep(seconds)

    async def run(self, *command: str) -> int:
        """Run a program."""
        process = await asyncio.create_subprocess_exec(*command)
        return await process.wait()


robot = Robot()
subprocess = Robot()


@router.get("/awaited_sleep", openapi_extra=decoy())
async def awaited_sleep() -> dict:
    """Await a method that is called sleep."""
    await robot.sleep(0.1)
    return {"rested": True}


@router.get("/awaited_run", openapi_extra=decoy())
async def awaited_run() -> dict:
    """Await the method run of an object called subprocess."""
    return {"code": await subprocess.run("/bin/sleep", "0.1")}


@router.get("/sleep_of_nothing", openapi_extra=decoy())
async def sleep_of_nothing() -> dict:
    """Sleep for no time at all."""
    time.sleep(0)
    await asyncio.sleep(0.03)
    return {"slept": 0}


@router.get("/requests_in_def", openapi_extra=decoy())
def requests_in_def() -> dict:
    """Use requests where it belongs, in a plain def."""
    return requests.get(f"{settings.partner}/stock?ms=120", timeout=5).json()


@router.get("/requests_by_executor", openapi_extra=decoy())
async def requests_by_executor(request: Request) -> dict:
    """Hand requests.get to threads that are enough."""
    loop = asyncio.get_running_loop()
    url = f"{settings.partner}/stock?ms=120"
    answer = await loop.run_in_executor(request.app.state.workers, requests.get, url)
    return answer.json()


@router.get("/prepared_request", openapi_extra=decoy())
async def prepared_request() -> dict:
    """Use requests to write a URL, and send nothing."""
    query = {"ms": "60"}
    url = requests.Request("GET", "http://partner.test/stock", params=query).prepare().url
    await asyncio.sleep(0.05)
    return {"url": url}


@router.get("/small_file", openapi_extra=decoy())
async def small_file() -> dict:
    """Open a file of a few lines, which is in memory."""
    with open(Path(__file__).with_name("__init__.py")) as file:  # noqa: PTH123 - as it is written
        first = file.readline()
    await asyncio.sleep(0.03)
    return {"first": first}


@router.get("/small_json", openapi_extra=decoy())
async def small_json() -> dict:
    """Encode and decode 10 kB."""
    text = json.dumps([{"number": number, "name": "thing"} for number in range(300)])
    return {"things": len(json.loads(text)), "bytes": len(text)}


@router.get("/small_hash", openapi_extra=decoy())
async def small_hash() -> dict:
    """Hash 64 kB, for an ETag."""
    return {"etag": hashlib.sha256(b"x" * 65_536).hexdigest()}


@router.get("/stream_of_def", openapi_extra=decoy())
async def stream_of_def() -> StreamingResponse:
    """Stream by a plain generator that sleeps: it is iterated in threads."""

    def lines():
        for number in range(5):
            time.sleep(0.025)
            yield f"data: {number}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


counts: dict[str, int] = {}
counting = threading.Lock()


@router.get("/lock_for_a_moment", openapi_extra=decoy())
async def lock_for_a_moment() -> dict:
    """Take a lock of threads that nobody keeps."""
    await asyncio.sleep(0.05)
    with counting:
        counts["all"] = counts.get("all", 0) + 1
    return dict(counts)


@router.get("/results_that_are_there", openapi_extra=decoy())
async def results_that_are_there(request: Request) -> dict:
    """Call result() and get() on what is done and filled."""
    future = request.app.state.workers.submit(time.sleep, 0.06)
    await asyncio.wait([asyncio.wrap_future(future)])
    filled: queue.Queue[int] = queue.Queue()
    filled.put(1)
    return {"slept": future.result() is None, "got": filled.get()}
