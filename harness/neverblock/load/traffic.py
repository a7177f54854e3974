"""A load as users make it: stock Locust in processes of its own, by a locustfile.

Locust monkey-patches on import, so it is never imported here; its side is ``locust_traffic``.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Self

from neverblock.analysis.load.generators import Told
from neverblock.errors import EngineError, UsageError
from neverblock.load.installed import locust_process
from neverblock.load.request_file import RequestFile
from neverblock.probe.config import SERVED_HEADER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STOP_S = 5.0
"""How long users may take to end the task that they are at when the time is over, in seconds:
Locust drops what is in flight otherwise, and that is what waits for a held loop."""

WEB_URL = "http://127.0.0.1:8089"
"""Where Locust's page is, by its own default port."""

WEB = ["--autostart", "--autoquit", "0", "--web-host", "127.0.0.1"]
"""Locust begins and ends by itself, as without its page."""

USAGE = 2
"""With this code Locust ends where its options cannot be used."""

LEAVE_S = 8.0
"""How much longer than that the process may take to end by itself, in seconds: a master waits 5 s
for what its workers send last."""

BEGIN_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Distributed:
    """Several processes that make a load: ``here`` of them, and those ``expected`` from elsewhere.

    The master listens on ``bind`` (host and port; port 0 is any), and waits ``max_wait_s`` seconds
    for all of them.
    """

    here: int
    expected: int
    bind: tuple[str, int]
    max_wait_s: float

    @property
    def workers(self) -> int:
        """How many there will be."""
        return self.here + self.expected


@dataclass(frozen=True, slots=True)
class PaceOrder:
    """When tasks begin: as users come to them, or ``rate_per_s`` times a second.

    In a ``burst`` each user asks once, all at one instant; some of them ask ``alone`` before.
    """

    rate_per_s: float | None = None
    burst: bool = False
    alone: bool = True


AS_USERS_COME = PaceOrder()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted beside the counts, and by whose settings.

    Single requests are a sample where there are many, unless ``every`` one is wanted; with their
    deadline ``whole_s`` each is kept whole. In a ``folder`` of its own Locust heeds none of the
    settings that lie in the user's, or are in variables.
    """

    every: bool = False
    whole_s: float | None = None
    folder: Path | None = None


SOME = Wanted()


@dataclass(frozen=True, slots=True)
class _Process:
    running: asyncio.subprocess.Process
    said: IO[bytes]

    def last_words(self) -> str:
        self.said.seek(0)
        lines = self.said.read().decode(errors="replace").split("\n")
        told = [line.strip() for line in lines if line.strip()]
        errors = [line for line in told if "Error" in line or "error" in line]
        return next(iter(errors[-1:] or told[-1:]), "it printed nothing.")

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.running.send_signal(number)

    async def end(self) -> None:
        """Kill it and what it started, and forget what it said."""
        self.signal(signal.SIGKILL)
        await self.running.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)  # what Locust itself started
        self.said.close()


class Traffic:
    """One run of Locust, from enter to exit; on exit it is stopped, and what it made is kept."""

    def __init__(
        self,
        options: Sequence[str],
        host: str,
        records: Path,
        *,
        web: bool = False,
        distributed: Distributed | None = None,
        pace: PaceOrder = AS_USERS_COME,
        wanted: Wanted = SOME,
    ) -> None:
        """Take Locust's own options, the URL to put under load, and the file for the records.

        With ``web`` Locust serves its web page meanwhile, to this machine alone. One process makes
        the load unless it is ``distributed``. Tasks begin at their ``pace``, and
        ``wanted`` says what is kept of them.
        """
        order = {"file": str(records), "header": SERVED_HEADER} | asdict(pace)
        self._order = json.dumps(order | {"every": wanted.every, "whole_s": wanted.whole_s})
        self._folder = wanted.folder
        self._pace = pace
        self._web = web
        self._options = options
        self._host = host
        self._distributed = distributed
        self._workers: list[_Process] = []
        self._said = "it was stopped."
        self.requests = RequestFile(records)

    async def __aenter__(self) -> Self:
        """Start Locust. Raises UsageError where it is not installed."""
        self._main = await self._start(*self._arguments())
        if self._distributed is not None:
            try:
                await self._start_workers(self._distributed)
            except BaseException:
                await self.__aexit__(None, None, None)
                raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End the process as Ctrl-C would, so that it writes down what it has, and wait for it."""
        try:
            self._main.signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._main.running.wait(), STOP_S + LEAVE_S)
        finally:
            for process in (self._main, *self._workers):
                await process.end()

    @property
    def waiting(self) -> str:
        """Say what is waited for before the first request."""
        if (many := self._distributed) is None:
            if self._pace.burst:
                return "users come, and ask one after another"
            return "waiting for the first request"
        events, first = self.requests.events(), self.requests.begun
        came = len({event.worker for event in events if event.what is Told.CAME})
        at = f" at {many.bind[0]}:{first['port']}" if first and many.expected else ""
        return f"{came} of {many.workers} load generators are there{at}"

    @property
    def cut_short(self) -> str | None:
        """Say why Locust ended before its time, by itself; None where it came to its end."""
        code = self._main.running.returncode
        if code is None or self.requests.ended:
            return None
        return f"Locust ended before its time, with code {code}: {self._said}"

    async def ended(self) -> None:
        """Wait until Locust has ended.

        Where it made no request, raises UsageError if it could not use its options, else
        EngineError.
        """
        failed = await self._first_end()
        if self.requests.made or failed.running.returncode == 0:
            await self._main.running.wait()
            failed = self._main
        self._said = failed.last_words()
        if self.requests.made:
            return
        self._refuse_too_few()
        code = failed.running.returncode
        kind = UsageError if code == USAGE else EngineError
        raise kind(
            f"Locust made no request and ended with code {code}: {self._said}",
            f"Try it by itself: locust {' '.join(self._arguments())}",
        )

    def _refuse_too_few(self) -> None:
        """Raise EngineError where too few generators came, with why others were refused."""
        many, events = self._distributed, self.requests.events()
        came = len({event.worker for event in events if event.what is Told.CAME})
        if many is None or came >= many.workers or self._main.running.returncode is None:
            return
        refused = [event.why for event in events if event.what is Told.REFUSED and event.why]
        raise EngineError(
            " ".join(
                [
                    f"{came} of {many.workers} load generators came in {many.max_wait_s:g} s.",
                    *refused,
                ]
            ),
            "Start one for each that is expected: neverblock worker HOST:PORT, with --bind's own.",
        )

    async def _first_end(self) -> _Process:
        """Wait until one of the processes has ended; a worker may before anything was asked."""
        processes = (self._main, *self._workers)
        waits = {asyncio.create_task(each.running.wait()): each for each in processes}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return next((waits[wait] for wait in done if waits[wait] is not self._main), self._main)

    async def _start_workers(self, distributed: Distributed) -> None:
        """Start the workers of this machine, once the master says where it listens."""
        while (first := self.requests.begun) is None:
            if self._main.running.returncode is not None:
                return
            await asyncio.sleep(BEGIN_POLL_S)
        host = distributed.bind[0]
        near = "127.0.0.1" if host in {"*", "0.0.0.0"} else host  # noqa: S104 - compared, not bound
        options = ["--worker", "--master-host", near, "--master-port", str(first["port"])]
        for _ in range(distributed.here):
            self._workers.append(await self._start(*options, *self._options))

    def _arguments(self) -> list[str]:
        own = WEB if self._web else ["--headless"]
        own = [*own, "--only-summary", "--exit-code-on-error", "0"]
        own += ["--stop-timeout", f"{STOP_S:g}"]
        if (many := self._distributed) is not None:
            own += ["--master", "--expect-workers", str(many.workers)]
            own += ["--expect-workers-max-wait", f"{many.max_wait_s:.0f}"]
            own += ["--master-bind-host", many.bind[0], "--master-bind-port", str(many.bind[1])]
        return [*own, "--host", self._host, *self._options]

    async def _start(self, *arguments: str) -> _Process:
        said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process is ended
        try:
            running = await asyncio.create_subprocess_exec(
                *locust_process("locust_traffic", self._order, *arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=self._folder,
                env=None if self._folder is None else _without_settings(),
                start_new_session=True,  # Ctrl-C is for the harness, which then ends Locust
            )
        except BaseException:
            said.close()
            raise
        return _Process(running, said)


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
