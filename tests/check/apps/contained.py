"""An app as it stands in a container."""

import time
from asyncio import get_running_loop
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    """Keep a pool of one process, whose semaphores are in /dev/shm."""
    with ProcessPoolExecutor(1) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/blocks")
async def blocks():
    """Block the loop."""
    time.sleep(0.1)  # mark: blocks
    return 1


@app.get("/process")
async def process():
    """Have the process answer, whatever the loop does meanwhile."""
    return await get_running_loop().run_in_executor(app.state.pool, partial(pow, 2, 3))
