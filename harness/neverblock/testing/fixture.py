"""What the fixture gives a test: ``neverblock.check(app, "GET /users/1")``."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from neverblock.analysis.blame import headline
from neverblock.errors import NeverblockError, UsageError
from neverblock.model import Verdict
from neverblock.testing.job import Elsewhere, Job
from neverblock.testing.project import endpoint_named
from neverblock.testing.served import ServedApp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from neverblock.result import Result
    from neverblock.testing.client import MeasuringProcess
    from neverblock.testing.job import Here
    from neverblock.testing.limits import Said
    from neverblock.testing.project import Project

WIDTH = 100


class BlockedError(AssertionError):
    """An endpoint that does not keep the loop free, or whose requests queue."""

    __module__ = "builtins"  # for pytest, which writes the whole name before the message


class NotMeasuredError(AssertionError):
    """An endpoint that could not be measured: it refused, broke, or was too near a limit."""

    __module__ = "builtins"  # as above


class Checker:
    """Checks endpoints for one test, by its limits."""

    def __init__(
        self, process: MeasuringProcess, project: Project, ini: Said, marked: Said, root: Path
    ) -> None:
        """Take the session's measuring process, the project's settings and its folder.

        What a test's markers say counts most, then an endpoint's own entry, then the ini file.
        """
        self._process = process
        self._project = project
        self._general = ini.over(project.limits)
        self._marked = marked
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
        (``"GET /users/1"``). What is not given here is taken from ``[tool.neverblock]``: headers,
        cookies, values, a body. Raises BlockedError, with all that an engineer needs, where the
        endpoint blocks; NotMeasuredError where that is not known; UsageError for what cannot be
        read.
        """
        __tracebackhide__ = True  # pytest then shows the test's own line
        try:
            name = endpoint_named(endpoint)
            request = self._project.request(name, headers or {}, json, content)
            limits = self._marked.over(self._project.limits_of(name, self._general))
            with self._serving(app, limits.start_timeout_s, factory=factory) as target:
                job = Job(
                    target,
                    request,
                    name,
                    self._root,
                    limits,
                    statuses=self._project.entry(name).statuses,
                    secrets=self._project.secrets,
                )
                result = self._process.measure(job).result
        except UsageError as error:
            raise error.with_traceback(None) from None
        except NeverblockError as error:
            raise NotMeasuredError(f"{endpoint} could not be measured: {error}") from None
        if result.judgement.verdict is Verdict.FAIL:
            raise BlockedError(message(result))
        if result.judgement.verdict is not Verdict.PASS:
            raise NotMeasuredError(message(result, self._project.unsent))
        return result

    async def acheck(self, app: Any, endpoint: str, **options: Any) -> Result:
        """Do the same without holding the loop of an asynchronous test; see ``check``."""
        __tracebackhide__ = True  # as above
        return await anyio.to_thread.run_sync(partial(self.check, app, endpoint, **options))

    @contextmanager
    def _serving(self, app: Any, timeout_s: float, *, factory: bool) -> Iterator[Here | Elsewhere]:
        """Give what is to be measured: an app is served here for as long as the context lasts."""
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


def message(result: Result, unsent: Sequence[str] = ()) -> str:
    """Give the failure's text for a result that does not pass: one line, then all that is known.

    Where the endpoint refused, ``unsent`` says what of the project's settings was not sent.
    """
    from neverblock.report.text import render_finding  # noqa: PLC0415 - for failures only

    judgement = result.judgement
    line = f"{judgement.diagnosis}: {result.endpoint.name}"
    if judgement.verdict is Verdict.FAIL and result.blame:
        line = f"{judgement.diagnosis}: {headline(result.endpoint, result.blame[0])}"
    text = f"{line}\n\n{render_finding(result, width=WIDTH).rstrip()}"
    notes = unsent if judgement.verdict is Verdict.ERROR else ()
    return "\n".join([text, *(f"\nnote: {one}" for one in notes)])
