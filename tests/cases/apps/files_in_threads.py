"""Files read in threads, as recommended: the GIL and the cores are the limit, and not the pool."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from declared import passes


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have a file of lines, and more threads than anybody needs."""
    with tempfile.NamedTemporaryFile() as file, ThreadPoolExecutor(64) as threads:
        file.writelines(b"%d,a line,of text\n" % number for number in range(40_000))
        file.flush()
        app.state.file, app.state.threads = file.name, threads
        yield


app = FastAPI(lifespan=lifespan)


def _columns() -> int:
    with open(app.state.file, "rb") as file:
        return sum(len(line.split(b",")) for line in file)


def _digest() -> str:
    with open(app.state.file, "rb") as file:
        return hashlib.sha512(file.read() * 40).hexdigest()


@app.get("/default_executor", **passes("gil-contention", "cpu-bound"))
async def default_executor() -> int:
    return sum([await asyncio.to_thread(_columns) for _ in range(2)])


@app.get("/sixty_four_threads", **passes("gil-contention", "cpu-bound"))
async def sixty_four_threads() -> int:
    loop = asyncio.get_running_loop()
    return sum([await loop.run_in_executor(app.state.threads, _columns) for _ in range(2)])


@app.get("/def_reads", **passes("gil-contention", "cpu-bound"))
def def_reads() -> int:
    return _columns() + _columns()


@app.get("/digests", **passes("cpu-bound", "gil-contention"))
async def digests() -> str:
    return await run_in_threadpool(_digest)
