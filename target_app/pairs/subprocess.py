"""A child process: ``subprocess.run`` against ``asyncio.create_subprocess_exec``.

The reference documentation passed ``loop=`` and installed a child watcher; both are gone from
asyncio (Python 3.10 and 3.14). Today the call alone is enough, on any loop.
"""

from __future__ import annotations

import asyncio
import subprocess

from fastapi import APIRouter

from neverblock.model import Diagnosis, Expectation, Pair, Request, Variant, Verdict
from target_app.settings import own_time_s

router = APIRouter(prefix="/pairs/subprocess", tags=["subprocess"])


def command() -> tuple[str, ...]:
    """Give a program that takes its time and says something real.

    ``exec`` leaves one process, so that killing it leaves none.
    """
    return ("sh", "-c", f"uname -s; exec sleep {own_time_s()}")


@router.get("/bad")
async def bad() -> dict[str, str]:
    """Wait for the child on the loop's thread."""
    done = subprocess.run(command(), capture_output=True, check=True)  # noqa: ASYNC221, S603 - the lesson
    return {"system": done.stdout.decode().strip()}


@router.get("/good")
async def good() -> dict[str, str]:
    """Let the loop say when the child has finished; take it along when the request is cancelled."""
    child = await asyncio.create_subprocess_exec(*command(), stdout=asyncio.subprocess.PIPE)
    try:
        output, _ = await child.communicate()
    except asyncio.CancelledError:
        child.kill()
        await child.wait()
        raise
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command())
    return {"system": output.decode().strip()}


PAIR = Pair(
    name="subprocess",
    title="A child process",
    blocking_call="subprocess.run",
    replacement="asyncio.create_subprocess_exec",
    why="subprocess.run waits for the child on the loop's thread; asyncio is notified of its end.",
    own_time_s=1.0,
    variants={
        "bad": Variant(
            Request("GET", "/pairs/subprocess/bad"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO),
        ),
        "good": Variant(
            Request("GET", "/pairs/subprocess/good"),
            Expectation(Verdict.PASS, Diagnosis.CONCURRENT),
        ),
    },
)
