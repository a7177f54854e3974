"""The app: everything put together."""

from __future__ import annotations

from fastapi import FastAPI

from app import computing, framework, innocent, layers, network, queues, sizes, threads, waiting
from app.errors import add_handlers
from app.middleware import add_middleware
from app.resources import lifespan

app = FastAPI(title="The corpus", lifespan=lifespan)
for module in (waiting, network, computing, sizes, layers, framework, threads, queues, innocent):
    app.include_router(module.router)
add_handlers(app)
add_middleware(app)
