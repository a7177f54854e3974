"""Locust as an engine: one long-lived Locust process, to which bursts are sent over pipes.

Locust monkey-patches on import, so it is never imported here; its side is ``locust_driver``.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from neverblock.errors import EngineError, UsageError
from neverblock.load import UNWATCHED
from neverblock.load.installed import locust_process
from neverblock.model import Burst, ClientHealth, Record

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from neverblock.model import Request, Scenario

LINE_LIMIT = 2**28
"""The most bytes of one answer; a record takes about 300."""

LEAVE_S = 2.0
"""How long the process may take to end by itself, in seconds."""


class LocustEngine:
    """Fires bursts and crowds by Locust; several may be under way in its one process."""

    async def __aenter__(self) -> Self:
        """Start the process. Raises UsageError without Locust, EngineError if it does not start."""
        command = locust_process("locust_driver")
        self._ids = itertools.count()
        self._expected: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed at exit
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._complaints,
            limit=LINE_LIMIT,
            start_new_session=True,  # Ctrl-C is for the harness, which then ends Locust
        )
        self._reader = asyncio.create_task(self._read_answers())
        try:
            await self._order({"ready": True})
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End the process, also in the middle of a burst."""
        try:
            _stdin(self._process).close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), LEAVE_S)
        finally:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            await self._reader
            self._complaints.close()

    async def fire(
        self,
        base_url: str,
        request: Request,
        scenario: Scenario,
        *,
        timeout_s: float,
        canary_path: str,
        watched: AbstractAsyncContextManager[object] = UNWATCHED,
    ) -> Burst:
        """Run the scenario's locustfile; see ``Engine.fire``.

        Raises UsageError without a locustfile, EngineError if it returned too few records.
        """
        content = request.content
        async with watched:
            answer = await self._order(
                {
                    "locustfile": _locustfile(scenario),
                    "n": scenario.n,
                    "duration_s": scenario.duration_s,
                    "base_url": base_url,
                    "method": request.method,
                    "path": request.path,
                    "headers": request.headers,
                    "content": None if content is None else base64.b64encode(content).decode(),
                    "timeout_s": timeout_s,
                    "canary_path": canary_path,
                }
            )
        if complaint := answer.get("error"):
            raise EngineError(
                f"Locust could not run {scenario.locustfile}: {complaint}.",
                f"Try it by itself: locust -f {scenario.locustfile} --host {base_url}",
            )
        burst = Burst(
            records=_records(answer["records"]),
            client=ClientHealth(max_lag_s=answer["max_lag_s"], cpu_s=answer["cpu_s"]),
            light=_records(answer["light"]),
        )
        least = scenario.n if scenario.duration_s is None else 1
        if len(burst.records) < least:
            raise EngineError(
                f"Locust returned {len(burst.records)} records of {least}"
                f" from {scenario.locustfile}.",
                f"Try it by itself: locust -f {scenario.locustfile} --host {base_url}",
            )
        return burst

    async def _order(self, order: dict[str, Any]) -> dict[str, Any]:
        """Send one order and wait for its answer."""
        number = next(self._ids)
        self._expected[number] = asyncio.get_running_loop().create_future()
        try:
            with suppress(ConnectionError):  # the reader says that the process ended, and why
                _stdin(self._process).write(json.dumps({"id": number, **order}).encode() + b"\n")
                await _stdin(self._process).drain()
            if self._reader.done():
                raise await self._end_of_process()
            return await self._expected[number]
        finally:
            del self._expected[number]

    async def _read_answers(self) -> None:
        """Pass each answer to its burst; when the process ends, fail the bursts that are left."""
        answers = self._process.stdout
        assert answers is not None  # noqa: S101 - for the type checker: it is a pipe
        async for line in answers:
            answer = json.loads(line)
            future = self._expected.get(answer["id"])
            if future is not None and not future.done():
                future.set_result(answer)
        end = await self._end_of_process()
        for future in self._expected.values():
            if not future.done():
                future.set_exception(end)

    async def _end_of_process(self) -> EngineError:
        code = await self._process.wait()
        self._complaints.seek(0)
        *_, last_line = [b"it printed nothing", *self._complaints.read().splitlines()]
        return EngineError(
            f"The Locust process ended with code {code}: {last_line.decode(errors='replace')}.",
            "Run again; if it stays so, leave Locust out: --scenario gather.",
        )


def _stdin(process: asyncio.subprocess.Process) -> asyncio.StreamWriter:
    assert process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
    return process.stdin


def _locustfile(scenario: Scenario) -> str:
    if scenario.locustfile is None:
        raise UsageError(
            f"The scenario {scenario.name!r} names no locustfile.",
            "Give it one: Scenario(..., engine='locust', locustfile='path/to/file.py').",
        )
    path = Path(scenario.locustfile).resolve()
    if not path.is_file():
        raise UsageError(
            f"There is no locustfile {scenario.locustfile!r} (scenario {scenario.name!r}).",
            "Give the path of an existing file.",
        )
    return str(path)


def _records(saved: list[dict[str, Any]]) -> tuple[Record, ...]:
    """Give the records, numbered in the order they were sent."""
    saved.sort(key=lambda fields: fields["sent_s"])
    return tuple(Record(seq=seq, **fields) for seq, fields in enumerate(saved))
