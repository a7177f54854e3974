"""What the fixture gives a test: ``neverblock.check(app, "GET /users/1")``."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from harness.errors import NeverblockError, UsageError
from harness.model import Request, Verdict
from harness.testing.job import Elsewhere, Job
from harness.testing.served import ServedApp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.result import Result, Run
    from harness.testing.client import MeasuringProcess
    from harness.testing.job import Here, Limits

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
WIDTH = 100


class BlockedError(AssertionError):
    """An endpoint that does not keep the loop free, or could not be measured."""


class Checker:
    """Checks endpoints for one test; apps that it serves are stopped with it.

    ``run`` holds what the session measured so far.
    """

    def __init__(self, process: MeasuringProcess, limits: Limits, root: Path) -> None:
        """Take the session's measuring process, this test's limits, and the project's folder."""
        self.run: Run | None = None
        self._process = process
        self._limits = limits
        self._root = root
        self._served: dict[int, ServedApp] = {}
        self._stack = ExitStack()

    def close(self) -> None:
        """Stop the apps that were served for this test."""
        self._stack.close()

    def check(
        self,
        app: Any,
        endpoint: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
    ) -> Result:
        """Measure one endpoint and give the result if it keeps the loop free.

        ``app`` is the app itself (this test's overrides apply) or an import string
        (``"shop.main:app"``); ``endpoint`` a method and a path (``"GET /users/1"``). Raises
        BlockedError, with all that an engineer needs, where the endpoint blocks or could not be
        measured; UsageError for an endpoint that cannot be read.
        """
        __tracebackhide__ = True  # pytest then shows the test's own line
        request = build(endpoint, headers or {}, json, content)
        target = Elsewhere(app) if isinstance(app, str) else self._serve(app)
        name = f"{request.method} {request.path}"
        try:
            reply = self._process.measure(Job(target, request, name, self._root, self._limits))
        except NeverblockError as error:
            raise BlockedError(f"{name} could not be measured: {error}") from None
        self.run = reply.run
        if reply.result is None:
            raise BlockedError(f"{name} could not be measured: {reply.error}")
        if reply.result.judgement.verdict is not Verdict.PASS:
            from harness.render.text import render_finding  # noqa: PLC0415 - for failures only

            told = render_finding(reply.result, width=WIDTH).rstrip()
            raise BlockedError(f"{name}: {reply.result.judgement.diagnosis}\n\n{told}")
        return reply.result

    async def acheck(self, app: Any, endpoint: str, **options: Any) -> Result:
        """Do the same without holding the loop of an asynchronous test; see ``check``."""
        return await anyio.to_thread.run_sync(lambda: self.check(app, endpoint, **options))

    def _serve(self, app: Any) -> Here:
        if id(app) not in self._served:
            self._served[id(app)] = self._stack.enter_context(ServedApp(app, self._root))
        return self._served[id(app)].here


def build(endpoint: str, headers: Mapping[str, str], body: Any, content: bytes | None) -> Request:
    """Give the request of ``"POST /items"`` and a body. Raises UsageError where it is none."""
    method, _, path = endpoint.strip().rpartition(" ")
    method = method.strip().upper() or "GET"
    if method not in METHODS or not path.startswith("/"):
        raise UsageError(
            f"{endpoint!r} is no endpoint.", "Write a method and a path: 'GET /users/1'."
        )
    given = dict(headers)
    if body is not None:
        content = json.dumps(body).encode()
        given = {"content-type": "application/json", **given}
    return Request(method, path, tuple(given.items()), content)
