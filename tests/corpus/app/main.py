"""The app: everything put together."""

from __future__ import annotations

from fastapi import FastAPI

from app import computing, framework, innocent, layers, network, queues, sizes, threads, waiting
from app.errors import add_handlers
from app.middleware import add_middleware
from app.resources import lifespan

app = FastAPI(title="The corpus", lifespan=lifespan)
# The trivial ones come first: they would mostly wait for all other paths to be compared.
for module in (innocent, waiting, network, computing, sizes, layers, framework, threads, queues):
    app.include_router(module.router)
add_handlers(app)
add_middleware(app)
