"""The app: its lifespan, its middleware, and what it does where something fails."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import boto3
import httpx
import redis
import redis.asyncio
from botocore.config import Config
from fastapi import FastAPI

from office import cloud, computing, decoys, gil, hidden, logs, storage, waiting, work
from office.settings import settings

STUBS = Path(__file__).parents[1] / "stubs.py"


@contextmanager
def others_started():
    """Start the process that plays all the others, and note where they are."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, str(STUBS), folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process,
    ):
        for name, value in json.loads(process.stdout.readline()).items():
            setattr(settings, name, value)
        yield


@contextmanager
def loop_of_its_own():
    """Run the loop of the old client in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@asynccontextmanager
async def lifespan(app: FastAPI):
    """Open every client that is shared."""
    state = app.state
    spawn = multiprocessing.get_context("spawn")
    with (
        others_started(),
        loop_of_its_own() as state.old_loop,
        ThreadPoolExecutor(16) as state.workers,
        ProcessPoolExecutor(2, mp_context=spawn) as state.processes,
        httpx.Client(base_url=settings.partner) as client,
        logs.opened(),
    ):
        storage.fill()
        warm = [state.processes.submit(work.warm_up) for _ in range(4)]
        state.rates = cloud.RateService(client)
        state.redis = redis.Redis(port=settings.redis_port, protocol=2)
        state.aredis = redis.asyncio.Redis(port=settings.redis_port, protocol=2)
        state.s3 = boto3.client(
            "s3",
            endpoint_url=settings.partner,
            region_name="eu-central-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",  # noqa: S106 - no secret of anybody's
            config=Config(max_pool_connections=20, s3={"addressing_style": "path"}),
        )
        for each in warm:
            each.result()
        async with httpx.AsyncClient(base_url=settings.partner) as state.http:
            yield
        state.redis.close()
        state.s3.close()
        storage.engine().dispose()
        cloud.directory.session.close()
        await state.aredis.aclose()


app = FastAPI(lifespan=lifespan)
for part in (cloud, storage, waiting, hidden, computing, gil, decoys):
    app.include_router(part.router)
app.middleware("http")(logs.audit)
app.add_exception_handler(hidden.WarehouseDownError, hidden.report_and_degrade)
app.add_exception_handler(hidden.CarrierDownError, hidden.report_without_waiting)
