"""Errors of the shop, and what answers them."""

from __future__ import annotations

import time

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.declared import WAIT_S


class OutOfStockError(Exception):
    """Answered slowly on the loop."""


class SoldOutError(Exception):
    """Answered slowly in a thread."""


async def _offer_something_else(_: Request, error: Exception) -> JSONResponse:
    time.sleep(WAIT_S)  # blocks: exception_handler
    return JSONResponse(type(error).__name__, status_code=202)


def _offer_in_thread(_: Request, error: Exception) -> JSONResponse:
    time.sleep(WAIT_S)
    return JSONResponse(type(error).__name__, status_code=202)


def add_handlers(app: FastAPI) -> None:
    """Teach the app to answer both."""
    app.add_exception_handler(OutOfStockError, _offer_something_else)
    app.add_exception_handler(SoldOutError, _offer_in_thread)
