from __future__ import annotations

import ast
import asyncio
import contextvars
import inspect  # noqa: F401 - among what is called
import io
import json  # noqa: F401 - among what is called
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from starlette.concurrency import run_in_threadpool  # noqa: F401 - among what is called
from starlette.middleware.gzip import GZipMiddleware

from neverblock.analysis.callee import Callee, callee_of, plain_name
from neverblock.probe.callee_name import resolve

if TYPE_CHECKING:
    from types import FrameType


class Report:
    """Something with methods."""

    def __init__(self) -> None:
        """Take another app, as a middleware does."""
        self.app = GZipMiddleware(lambda: None)

    def render(self) -> None:
        """Render."""

    def _draw(self) -> None:
        """Draw."""


def crunch() -> None:
    """Compute."""


def frame_of_a_request() -> FrameType:
    """Give a frame in which there are objects of many kinds."""
    report, rows, text = Report(), [1], io.StringIO()
    context, lock, loop = contextvars.copy_context(), threading.Lock(), asyncio.new_event_loop()
    inner = lambda: (report, rows, text, context, lock)  # noqa: E731 - a lambda is what is tested
    loop.close()
    inner()
    return sys._getframe()


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("crunch", Callee.FUNCTION),
        ("json.dumps", Callee.FUNCTION),
        ("ast.parse", Callee.FUNCTION),
        ("report.render", Callee.METHOD),
        ("rows.append", Callee.METHOD),
        ("report.app", Callee.COROUTINE),
        ("report._draw", Callee.INTERNAL),
        ("text.read", Callee.INTERNAL),  # _io.StringIO
        ("context.run", Callee.INTERNAL),
        ("lock.acquire", Callee.INTERNAL),
        ("inner", Callee.INTERNAL),
        ("inspect.stack", Callee.INTERNAL),
        ("run_in_threadpool", Callee.COROUTINE),
        ("asyncio.create_subprocess_exec", Callee.COROUTINE),
        ("asyncio.sleep", Callee.COROUTINE),
        ("loop.run_in_executor", Callee.COROUTINE),
    ],
)
def test_real_callees_are_told_apart(call, kind):
    """What the probe resolves from real objects says where the call can run."""
    target = resolve(ast.parse(call, mode="eval").body, frame_of_a_request())
    assert target is not None
    assert callee_of(target, call) is kind


@pytest.mark.parametrize(
    ("target", "call", "kind"),
    [
        (None, "crunch", Callee.METHOD),
        (None, "report.render", Callee.METHOD),
        (None, "await database.fetch_all", Callee.COROUTINE),
        ("app.jobs.Job.run", "run", Callee.METHOD),
        ("app.legacy.fetch", "legacy.fetch", Callee.FUNCTION),
        ("app.legacy.fetch", "self.fetch", Callee.METHOD),
        ("aiohttp.client.ClientSession.get", "session.get", Callee.COROUTINE),
        ("httpx._client.AsyncClient.get", "client.get", Callee.COROUTINE),
        ("starlette.routing.Router.__call__", "self.app", Callee.COROUTINE),
        ("app.main.build.<locals>.inner", "inner", Callee.INTERNAL),
        ("app.main.Report.__call__", "report", Callee.INTERNAL),
        ("app.legacy.fetch", "legacy().fetch", Callee.INTERNAL),
        ("app.legacy.fetch", "legacy.fe…", Callee.INTERNAL),
        (None, None, Callee.INTERNAL),
    ],
)
def test_names_alone_are_read_with_care(target, call, kind):
    """What is not resolved, or not by its own name, counts as what can run in fewer places."""
    assert callee_of(target, call) is kind


@pytest.mark.parametrize(
    ("qualified", "name"),
    [
        ("Reports.load.<locals>.<lambda>", "load"),
        ("_load", "load"),
        ("Report.__call__", "Report"),
        ("self.render", "render"),
        ("self", ""),
        ("<module>", ""),
        (None, ""),
    ],
)
def test_a_name_that_a_person_gave(qualified, name):
    """A function to be written is named after one that somebody named."""
    assert plain_name(qualified) == name
