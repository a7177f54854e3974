"""Starlette apps: one silent about its routes, one that shows a document as OGC's APIs do."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

DOCUMENT = {"openapi": "3.0.2", "paths": {"/page": {"get": {"responses": {}}}}}


async def page(request):
    """Answer."""
    return PlainTextResponse("")


async def document(request):
    """Show the document."""
    return JSONResponse(DOCUMENT)


silent = Starlette(routes=[Route("/things/{thing}", page), Route("/page", page)])
telling = Starlette(routes=[Route("/page", page), Route("/openapi", document)])
