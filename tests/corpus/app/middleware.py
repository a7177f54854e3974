"""Middleware that blocks, for the paths of its own cases only."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from starlette.middleware.base import BaseHTTPMiddleware

from app.declared import WAIT_S

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response
    from starlette.middleware.base import RequestResponseEndpoint
    from starlette.types import ASGIApp, Receive, Scope, Send


class RateLimit(BaseHTTPMiddleware):
    """Starlette's own base class."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Look the client up before the endpoint runs."""
        if request.url.path == "/layers/base_middleware":
            time.sleep(WAIT_S)  # blocks: base_middleware
        if request.url.path == "/layers/async_middleware":
            await asyncio.sleep(WAIT_S)
        return await call_next(request)


class AccessLog:
    """Pure ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the app behind."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write the log after the endpoint ran."""
        await self._app(scope, receive, send)
        if scope["type"] == "http" and scope["path"] == "/layers/pure_middleware":
            time.sleep(WAIT_S)  # blocks: pure_middleware


def add_middleware(app: FastAPI) -> None:
    """Put both before the app."""
    app.add_middleware(RateLimit)
    app.add_middleware(AccessLog)
