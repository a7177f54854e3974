"""Apps that do not start."""

import asyncio
from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def never(_):
    """Wait for something that does not come."""
    await asyncio.Event().wait()
    yield


@asynccontextmanager
async def fails(_):
    """Miss what it needs."""
    raise RuntimeError("DATABASE_URL is not set")
    yield


waits = FastAPI(lifespan=never)
raises = FastAPI(lifespan=fails)


def make():
    """Be a factory."""
    app = FastAPI()

    @app.get("/made")
    async def made():
        return "made"

    return app
