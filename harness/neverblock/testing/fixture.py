"""What the fixture gives a test: ``neverblock.check(app, "GET /users/1")``."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from neverblock.analysis.blame import headline
from neverblock.errors import NeverblockError, UsageError
from neverblock.model import Request, Verdict
from neverblock.testing.job import Elsewhere, Job
from neverblock.testing.served import ServedApp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from neverblock.result import Result
    from neverblock.testing.client import MeasuringProcess
    from neverblock.testing.job import Here, Limits

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
WIDTH = 100


class BlockedError(AssertionError):
    """An endpoint that does not keep the loop free, or whose requests queue."""

    __module__ = "builtins"  # for pytest, which writes the whole name before the message


class NotMeasuredError(AssertionError):
    """An endpoint that could not be measured: it refused, broke, or was too near a limit."""

    __module__ = "builtins"  # as above


class Checker:
    """Checks endpoints for one test, by its limits."""

    def __init__(self, process: MeasuringProcess, limits: Limits, root: Path) -> None:
        """Take the session's measuring process, this test's limits, and the project's folder."""
        self._process = process
        self._limits = limits
        self._root = root

    def check(
        self,
        app: Any,
        endpoint: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        factory: bool = False,
    ) -> Result:
        """Measure one endpoint and give the result if it keeps the loop free.

        ``app`` is the app itself, which is served meanwhile by this process (the test's overrides
        apply, its lifespan begins and ends), or an import string
        (``"shop.main:app"``, of a ``factory`` where that says so); ``endpoint`` a method and a path
        (``"GET /users/1"``). Raises BlockedError, with all that an engineer needs, where the
        endpoint blocks; NotMeasuredError where that is not known; UsageError for what cannot be
        read.
        """
        __tracebackhide__ = True  # pytest then shows the test's own line
        try:
            request = build(endpoint, headers or {}, json, content)
            with self._serving(app, factory=factory) as target:
                name = f"{request.method} {request.path}"
                job = Job(target, request, name, self._root, self._limits)
                result = self._process.measure(job).result
        except UsageError as error:
            raise error.with_traceback(None) from None
        except NeverblockError as error:
            raise NotMeasuredError(f"{endpoint} could not be measured: {error}") from None
        if result.judgement.verdict is Verdict.FAIL:
            raise BlockedError(message(result))
        if result.judgement.verdict is not Verdict.PASS:
            raise NotMeasuredError(message(result))
        return result

    async def acheck(self, app: Any, endpoint: str, **options: Any) -> Result:
        """Do the same without holding the loop of an asynchronous test; see ``check``."""
        __tracebackhide__ = True  # as above
        return await anyio.to_thread.run_sync(partial(self.check, app, endpoint, **options))

    @contextmanager
    def _serving(self, app: Any, *, factory: bool) -> Iterator[Here | Elsewhere]:
        """Give what is to be measured: an app is served here for as long as the context lasts."""
        timeout_s = self._limits.start_timeout_s
        if not isinstance(app, str):
            if factory:
                raise UsageError(
                    "factory=True is for an import string.",
                    "Call the factory, and give what it made.",
                )
            with ServedApp(app, self._root, timeout_s) as served:
                yield served.here
        elif all(app.partition(":")):
            yield Elsewhere(app, factory, timeout_s)
        else:
            raise UsageError(
                f"{app!r} is no import string.", "Write it as package.module:attribute."
            )


def message(result: Result) -> str:
    """Give the failure's text for a result that does not pass: one line, then all that is known."""
    from neverblock.report.text import render_finding  # noqa: PLC0415 - for failures only

    judgement = result.judgement
    line = f"{judgement.diagnosis}: {result.endpoint.name}"
    if judgement.verdict is Verdict.FAIL and result.blame:
        line = f"{judgement.diagnosis}: {headline(result.endpoint, result.blame[0])}"
    return f"{line}\n\n{render_finding(result, width=WIDTH).rstrip()}"


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
