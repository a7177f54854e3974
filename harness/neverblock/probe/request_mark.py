"""Which work a request caused: a mark in its context, which all its tasks inherit."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from .internals import context_of

if TYPE_CHECKING:
    import asyncio

REQUEST: ContextVar[object] = ContextVar("neverblock_request")
"""Set by the wrapper around the app, in the context of the task that serves a request: to True, or
to the request where the probe numbers them."""


def is_of_request(task: asyncio.Task[Any]) -> bool:
    """Say whether a request caused a task; True where its context cannot be read."""
    context = context_of(task)
    return context is None or REQUEST in context


def request_of(task: asyncio.Task[Any]) -> object:
    """Give what marks the request that caused a task; None where no request did."""
    context = context_of(task)
    return True if context is None else context.get(REQUEST)
