"""The canary: requests to a cheap endpoint at a fixed rate, whatever the server does.

What the canary suffers is what every other user of the service suffers.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import httpx

from neverblock.load.http_client import open_client
from neverblock.model import Ping

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

INTERVAL_S = 0.05
"""20 pings a second. A freeze of length L is seen as at least L less one interval; and a canary
that costs the server as much as 5 ms a ping takes no more than a tenth of its loop."""

PATIENCE_S = 5.0
"""How long the canary waits, when it stops, for the pings that have no answer yet."""


class Canary:
    """An open loop of pings, from enter to exit; no ping waits for the one before.

    After exit ``pings`` holds all of them, in the order they were due. Latency counts from when a
    ping was due, not from when it could be sent (coordinated omission).
    """

    def __init__(
        self,
        base_url: str,
        path: str,
        interval_s: float = INTERVAL_S,
        patience_s: float = PATIENCE_S,
        on_ping: Callable[[], None] = lambda: None,
    ) -> None:
        """Take a server, a cheap path of it, and the time between two pings in seconds.

        ``on_ping`` is told of each before it is sent.
        """
        self.interval_s = interval_s
        self.pings: tuple[Ping, ...] = ()
        self._base_url = base_url
        self._path = path
        self._patience_s = patience_s
        self._on_ping = on_ping

    async def __aenter__(self) -> Self:
        """Open a connection by one ping that does not count, then start."""
        self._client = open_client(self._base_url)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s):
                    await self._ping(time.monotonic())
        except asyncio.CancelledError:
            await self._client.aclose()
            raise
        self._out: list[tuple[float, asyncio.Task[Ping]]] = []
        self._sender = asyncio.create_task(self._send_all())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop sending, wait for the pings without an answer, and count the rest as lost."""
        self._sender.cancel()
        tasks = [task for _, task in self._out]
        try:
            if tasks and exc is None:
                await asyncio.wait(tasks, timeout=self._patience_s)
            self.pings = tuple(
                task.result() if task.done() else Ping(meant_s=meant_s, done_s=None, ok=False)
                for meant_s, task in self._out
            )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(self._sender, *tasks, return_exceptions=True)
            await self._client.aclose()

    async def _send_all(self) -> None:
        meant_s = time.monotonic()
        while True:
            self._out.append((meant_s, asyncio.create_task(self._ping(meant_s))))
            meant_s += self.interval_s
            await asyncio.sleep(meant_s - time.monotonic())

    async def _ping(self, meant_s: float) -> Ping:
        self._on_ping()
        try:
            response = await self._client.get(self._path)
        except (httpx.HTTPError, OSError):
            return Ping(meant_s=meant_s, done_s=None, ok=False)
        return Ping(
            meant_s=meant_s,
            done_s=time.monotonic(),
            ok=response.status_code < httpx.codes.BAD_REQUEST,
        )
