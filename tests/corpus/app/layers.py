"""Endpoints that block where nobody looks: helpers, dependencies, middleware, what comes after."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated

import requests
from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response
from fastapi.responses import StreamingResponse
from neverblock.model import Diagnosis
from pydantic import BaseModel, field_validator

from app import billing
from app.declared import WAIT_S, fails, passes
from app.errors import OutOfStockError, SoldOutError
from app.resources import Shared

router = APIRouter(prefix="/layers")


@router.get("/two_helpers_deep", **fails(Diagnosis.BLOCKING_IO))
async def two_helpers_deep(shared: Shared) -> str:
    """Ask by requests, in a helper of a helper."""
    return billing.invoice(shared.upstream.url)


@router.get("/property", **fails(Diagnosis.BLOCKING_IO))
async def lazy_property(shared: Shared) -> str:
    """Read an attribute that asks another machine."""
    return billing.Account(shared.upstream.url).balance


@router.get("/constructor", **fails(Diagnosis.BLOCKING_IO))
async def constructor() -> str:
    """Make an object that connects while it is made."""
    return billing.Ledger().state


@router.get("/context_manager", **fails(Diagnosis.BLOCKING_IO))
async def context_manager() -> str:
    """Enter an async context manager that is async in name only."""
    async with billing.transaction():
        return "booked"


def retried(endpoint: Callable[..., Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    """Try again after a pause."""

    @functools.wraps(endpoint)
    async def attempt() -> str:
        try:
            return await endpoint()
        except ConnectionError:
            time.sleep(WAIT_S)  # blocks: decorated
            return "second attempt"

    return attempt


@router.get("/decorated", **fails(Diagnosis.BLOCKING_IO))
@retried
async def decorated() -> str:
    """Fail at first, and leave the rest to the decorator."""
    raise ConnectionError


async def current_user(shared: Shared) -> str:
    """Look the user up by a synchronous library."""
    return requests.get(shared.upstream.url).text  # blocks: async_dependency


@router.get("/async_dependency", **fails(Diagnosis.BLOCKING_IO))
async def async_dependency(user: Annotated[str, Depends(current_user)]) -> str:
    """Depend on a coroutine function that blocks."""
    return user


async def slow_session() -> AsyncIterator[str]:
    """Give a session and close it slowly."""
    yield "session"
    time.sleep(WAIT_S)  # blocks: dependency_of_def


@router.get("/dependency_of_def", **fails(Diagnosis.BLOCKING_IO))
def dependency_of_def(user: Annotated[str, Depends(slow_session)]) -> str:
    """Depend on one that blocks when it is torn down; that the endpoint is a def does not help."""
    return user


def user_in_thread() -> str:
    """Block where the framework uses a thread."""
    time.sleep(WAIT_S)
    return "user"


@router.get("/sync_dependency", **passes())
async def sync_dependency(user: Annotated[str, Depends(user_in_thread)]) -> str:
    """Depend on a plain function, which the framework calls in a thread."""
    return user


class Settings:
    """Settings that take their time to be made, in a thread of the framework."""

    def __init__(self) -> None:
        """Block."""
        time.sleep(WAIT_S)


@router.get("/class_dependency", **passes())
async def class_dependency(settings: Annotated[Settings, Depends()]) -> str:
    """Depend on a class, which the framework makes in a thread."""
    return type(settings).__name__


@router.get("/base_middleware", **fails(Diagnosis.BLOCKING_IO))
async def base_middleware() -> str:
    """Be innocent behind a middleware that is not."""
    return "innocent"


@router.get("/pure_middleware", **fails(Diagnosis.BLOCKING_IO))
async def pure_middleware() -> str:
    """Be innocent behind a pure ASGI middleware that is not."""
    return "innocent"


@router.get("/async_middleware", **passes())
async def async_middleware() -> str:
    """Stand behind a middleware that waits as it should."""
    return "innocent"


@router.get("/exception_handler", **fails(Diagnosis.BLOCKING_IO))
async def exception_handler() -> str:
    """Raise what an async handler answers slowly."""
    raise OutOfStockError


@router.get("/sync_exception_handler", **passes())
async def sync_exception_handler() -> str:
    """Raise what a plain handler answers slowly, in a thread of the framework."""
    raise SoldOutError


async def _blocking_rows() -> AsyncIterator[str]:
    for _ in range(4):
        time.sleep(WAIT_S / 4)  # blocks: stream
        yield "row\n"


@router.get("/stream", **fails(Diagnosis.BLOCKING_IO))
async def stream() -> StreamingResponse:
    """Stream from an async generator that blocks for each row."""
    return StreamingResponse(_blocking_rows())


def _rows_in_thread() -> Iterator[str]:
    for _ in range(4):
        time.sleep(WAIT_S / 4)
        yield "row\n"


@router.get("/sync_stream", **passes())
async def sync_stream() -> StreamingResponse:
    """Stream from a plain generator, which the framework drives in a thread."""
    return StreamingResponse(_rows_in_thread())


async def _send_mail() -> None:
    time.sleep(WAIT_S)  # blocks: background_task


@router.get("/background_task", **fails(Diagnosis.BLOCKING_IO))
async def background_task(tasks: BackgroundTasks) -> str:
    """Block after the response."""
    tasks.add_task(_send_mail)
    return "accepted"


@router.get("/sync_background_task", **passes())
async def sync_background_task(tasks: BackgroundTasks) -> str:
    """Block after the response in a thread of the framework."""
    tasks.add_task(time.sleep, WAIT_S)
    return "accepted"


async def _reindex() -> None:
    await asyncio.sleep(0.01)
    time.sleep(WAIT_S)  # blocks: detached_task


@router.get("/detached_task", **fails(Diagnosis.BLOCKING_IO))
async def detached_task(request: Request) -> str:
    """Block in a task that outlives the request."""
    request.app.state.reindexing = asyncio.create_task(_reindex())
    return "accepted"


class Voucher(BaseModel):
    """A voucher whose code is checked elsewhere."""

    code: int

    @field_validator("code")
    @classmethod
    def known(cls, code: int) -> int:
        """Ask whether there is such a voucher."""
        time.sleep(WAIT_S)  # blocks: validator
        return code


@router.post("/validator", **fails(Diagnosis.BLOCKING_IO, body_row='{"code": 1}', body_rows=1))
def validator(vouchers: list[Voucher]) -> int:
    """Take a body whose validator blocks; bodies are validated on the loop, also for a def."""
    return len(vouchers)


class Receipt(Response):
    """A response that fetches its letterhead when it is rendered."""

    def render(self, content: str) -> bytes:
        """Render slowly."""
        time.sleep(WAIT_S)  # blocks: response_class
        return content.encode()


@router.get("/response_class", response_class=Receipt, **fails(Diagnosis.BLOCKING_IO))
async def response_class() -> str:
    """Return what a response class renders on the loop."""
    return "paid"


@router.get("/before_offload", **fails(Diagnosis.BLOCKING_IO))
async def before_offload() -> str:
    """Block before a call that is offloaded as it should be."""
    time.sleep(0.05)  # blocks: before_offload
    await asyncio.to_thread(time.sleep, 0.15)
    return "done"


async def _fetch(url: str) -> str:
    return requests.get(url).text  # blocks: gathered


@router.get("/gathered", **fails(Diagnosis.BLOCKING_IO))
async def gathered(shared: Shared) -> list[str]:
    """Gather coroutines that block, one after the other."""
    return await asyncio.gather(_fetch(shared.upstream.url), _fetch(shared.upstream.url))
