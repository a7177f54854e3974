"""An app whose lines are known: ``# mark:`` names the line that a test expects to be blamed."""

from __future__ import annotations

import asyncio
import functools
import gc
import hashlib
import json
import re
import threading
import time
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import BackgroundTasks, FastAPI, Request, WebSocket
from fastapi.responses import StreamingResponse


@asynccontextmanager
async def lifespan(app):
    """Leave a trace in the state, so that a test can see that it ran."""
    app.state.keep = [[] for _ in range(300_000)]
    yield {"started": True}


app = FastAPI(lifespan=lifespan)
ROWS = json.dumps([{"number": number, "name": f"row {number}"} for number in range(80_000)])


@app.middleware("http")
async def stamp(request, call_next):
    """Mark every response which crosses the app's own middleware."""
    response = await call_next(request)
    response.headers["x-middleware"] = "crossed"
    return response


class Client:
    """A synchronous client, as a driver has one."""

    def fetch(self, seconds):
        """Take its time."""
        time.sleep(seconds)  # mark: fetch


def load(client, seconds):
    """Be a helper between endpoint and client."""
    client.fetch(seconds)  # mark: load


@app.get("/trivial")
async def trivial():
    """Answer at once."""
    return {}


@app.get("/state")
async def state(request: Request):
    """Tell what the lifespan left."""
    return {"started": request.state.started}


@app.get("/wait")
async def wait(ms: float, times: int = 1):
    """Block in a method of an object, two helpers deep, in the middle of awaiting."""
    client = Client()
    for _ in range(times):
        await asyncio.sleep(0.002)
        load(client, ms / 1e3)
    await asyncio.sleep(0.002)


@app.get("/acquire")
async def acquire(ms: float):
    """Block on a lock that nobody releases."""
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=ms / 1e3)  # mark: acquire


@app.get("/compute")
async def compute(ms: float):
    """Use the CPU for a time, by its own clock."""
    digest = b""
    until = time.thread_time() + ms / 1e3
    while time.thread_time() < until:
        digest = hashlib.sha256(digest).digest()


@app.get("/collect")
async def collect():
    """Hold the loop by a garbage collection alone."""
    gc.collect()


@app.get("/regex")
def regex(n: int):
    """Keep the GIL in one C call, in a worker thread."""
    re.match(r"(a+)+$", "a" * n + "b")  # mark: regex


@app.get("/parse")
async def parse():
    """Keep the GIL on the loop in one C call, which makes much garbage."""
    return len(json.loads(ROWS))  # mark: parse


@app.get("/compute_and_open")
async def compute_and_open():
    """Compute for 100 ms in Python, and every 6 ms open a file, which takes no time."""
    for _ in range(16):
        with open(__file__) as file:  # noqa: ASYNC230, PTH123 - what is watched  # mark: open
            file.read(10)
        until = time.thread_time() + 0.006
        while time.thread_time() < until:
            pass


@app.get("/thread")
def thread(ms: float):
    """Compute in Python in a worker thread, which shares the GIL."""
    until = time.thread_time() + ms / 1e3
    while time.thread_time() < until:
        pass


async def later():
    """Block after the response has gone out."""
    await asyncio.sleep(0.05)
    time.sleep(0.03)  # noqa: ASYNC251 - what the test is about  # mark: later


@app.get("/background")
async def background(tasks: BackgroundTasks):
    """Answer, then block in a background task."""
    tasks.add_task(later)


@app.get("/callback")
async def callback():
    """Answer, then block in a callback which is written in C."""
    asyncio.get_running_loop().call_later(0.05, functools.partial(time.sleep, 0.03))


@app.get("/stream")
async def stream():
    """Answer in three pieces."""

    async def pieces():
        for piece in (b"one ", b"two ", b"three"):
            await asyncio.sleep(0.001)
            yield piece

    return StreamingResponse(pieces())


@app.get("/fill")
async def fill():
    """Occupy the loop's default executor with more than it has threads for."""
    await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.15) for _ in range(80)))


@app.websocket("/echo")
async def echo(websocket: WebSocket):
    """Send back one message."""
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


def create():
    """Give the app as a factory does."""
    return app


def marked(name):
    """Give the number of the line that carries a mark."""
    lines = Path(__file__).read_text().splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.endswith(f"# mark: {name}"))
