"""Which work a request caused: a mark in its context, which all its tasks inherit."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from .internals import context_of

if TYPE_CHECKING:
    import asyncio

REQUEST: ContextVar[bool] = ContextVar("neverblock_request")
"""Set by the wrapper around the app, in the context of the task that serves a request."""


def is_of_request(task: asyncio.Task[Any]) -> bool:
    """Say whether a request caused a task; True where its context cannot be read."""
    context = context_of(task)
    return context is None or REQUEST in context
