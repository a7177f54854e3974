"""Another size for a pool of threads in the process that serves: by it a limit is proven."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from urllib.parse import parse_qs

from . import internals

ANYIO, DEFAULT = "anyio-tokens", "default-executor"


def answer(query: str) -> tuple[int, bytes]:
    """Set the size that a query names (``anyio-tokens=80``), and say so; the loop has to run.

    The loop's executor is replaced by one of that size: calls that wait in the old one are finished
    there.
    """
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    if len(given) != 1 or not all(value.isdecimal() and int(value) > 0 for value in given.values()):
        return HTTPStatus.BAD_REQUEST, f"one pool and its size are wanted, not {query!r}".encode()
    ((name, text),) = given.items()
    size = int(text)
    if name == ANYIO and "anyio" in sys.modules:
        from anyio import to_thread  # noqa: PLC0415 - only where the app uses it

        to_thread.current_default_thread_limiter().total_tokens = size
    elif name == DEFAULT:
        loop = asyncio.get_running_loop()
        before = internals.default_executor(loop)
        loop.set_default_executor(ThreadPoolExecutor(size))
        if before is not None:
            before.shutdown(wait=False)
    else:
        return HTTPStatus.NOT_FOUND, f"there is no pool {name!r} here".encode()
    return HTTPStatus.OK, f"{name} is {size}".encode()
