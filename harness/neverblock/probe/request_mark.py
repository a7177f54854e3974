"""Which work a request caused: a mark in its context, which all its tasks inherit."""

from __future__ import annotations

import gc
from contextvars import Context, ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

REQUEST: ContextVar[object] = ContextVar("neverblock_request")
"""Set by the wrapper around the app, in the context of the task that serves a request: to True, or
to the request where the probe numbers them."""


def is_of_request(task: asyncio.Task[Any]) -> bool:
    """Say whether a request caused a task; True where its context cannot be read."""
    context = _context_of(task)
    return context is None or REQUEST in context


def request_of(task: asyncio.Task[Any]) -> object:
    """Give what marks the request that caused a task; None where no request did."""
    context = _context_of(task)
    return True if context is None else context.get(REQUEST)


def _context_of(task: asyncio.Task[Any]) -> Context | None:
    """Give a task's context: by its own method from 3.12 on, before that from what it refers to."""
    get: Callable[[], Context] | None = getattr(task, "get_context", None)
    if get is not None:
        return get()
    return next((each for each in gc.get_referents(task) if isinstance(each, Context)), None)
