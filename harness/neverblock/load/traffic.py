"""A load as users make it: stock Locust in a process of its own, by a locustfile.

Locust monkey-patches on import, so it is never imported here; its side is ``locust_traffic``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Self

from neverblock.errors import EngineError, UsageError
from neverblock.load.request_file import RequestFile
from neverblock.probe.die_with_parent import dying_with_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

STOP_S = 5.0
"""How long users may take to end the task that they are at when the time is over, in seconds:
Locust drops what is in flight otherwise, and that is what waits for a held loop."""

WEB_URL = "http://127.0.0.1:8089"
"""Where Locust's page is, by its own default port."""

WEB = ["--autostart", "--autoquit", "0", "--web-host", "127.0.0.1"]
"""Locust begins and ends by itself, as without its page."""

USAGE = 2
"""With this code Locust ends where its options cannot be used."""

LEAVE_S = 5.0
"""How much longer than that the process may take to end by itself, in seconds."""


class Traffic:
    """One run of Locust, from enter to exit; on exit it is stopped, and what it made is kept."""

    def __init__(
        self,
        options: Sequence[str],
        host: str,
        records: Path,
        header: str,
        *,
        web: bool = False,
    ) -> None:
        """Take Locust's own options, the URL to put under load, and the file for the records.

        ``header`` is the one by which an answer says who served it. With ``web`` Locust serves its
        web page meanwhile, to this machine alone.
        """
        self._header = header
        self._web = web
        self._options = options
        self._host = host
        self._records = records
        self.requests = RequestFile(records)

    async def __aenter__(self) -> Self:
        """Start Locust. Raises UsageError where it is not installed."""
        if find_spec("locust") is None:
            raise UsageError(
                "A load is made by Locust, which is not installed.",
                "Type: pip install 'neverblock[load]'",
            )
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed at exit
        self._process = await asyncio.create_subprocess_exec(
            # -P: the working directory may hold a package by one of our names
            *dying_with_us(sys.executable, "-P", "-m", "neverblock.load.locust_traffic"),
            *(str(self._records), self._header, *self._arguments()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
            start_new_session=True,  # Ctrl-C is for the harness, which then ends Locust
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process as Ctrl-C would, so that it writes down what it has, and wait for it."""
        try:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_S + LEAVE_S)
        finally:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # what Locust itself started
            self._said.close()

    @property
    def alive(self) -> bool:
        """Whether Locust still runs."""
        return self._process.returncode is None

    async def ended(self) -> None:
        """Wait until Locust has ended.

        Where it made no request, raises UsageError if it could not use its options, else
        EngineError.
        """
        code = await self._process.wait()
        if next(iter(self.requests), None) is None:
            kind = UsageError if code == USAGE else EngineError
            raise kind(
                f"Locust made no request and ended with code {code}: {self._last_words()}",
                f"Try it by itself: locust {' '.join(self._arguments())}",
            )

    def _arguments(self) -> list[str]:
        own = WEB if self._web else ["--headless"]
        own = [*own, "--only-summary", "--exit-code-on-error", "0"]
        own += ["--stop-timeout", f"{STOP_S:g}"]
        return [*own, "--host", self._host, *self._options]

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        told = [line.strip() for line in lines if line.strip()]
        errors = [line for line in told if "Error" in line or "error" in line]
        return next(iter(errors[-1:] or told[-1:]), "it printed nothing.")
