"""An app that fails in its lifespan."""

from __future__ import annotations

from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    """Fail before the first request."""
    raise RuntimeError("the database is not there")
    yield


app = FastAPI(lifespan=lifespan)
