"""Limits on how many requests are sent, so that a typing error does not become an attack."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from neverblock.errors import UsageError
from neverblock.load import UNWATCHED

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from neverblock.load import Engine
    from neverblock.model import Burst, Request, Scenario


@dataclass(frozen=True, slots=True)
class Ration:
    """How many requests one check may send: at once, in all, and on average in a second.

    ``rate`` is None where nobody limits it. A target on this machine has no ration.
    """

    at_once: int = 100
    in_all: int = 100_000
    rate: float | None = None

    def allows(self, n: int, fired: int = 0) -> bool:
        """Say whether n requests at once, after ``fired`` others, are within the limits.

        Before them, n connections are opened, by a request each.
        """
        return n <= self.at_once and fired + 2 * n <= self.in_all

    def permit(self, n: int, fired: int = 0) -> None:
        """Raise UsageError if n requests at once, after ``fired`` others, are over the limits."""
        if not self.allows(n, fired):
            raise UsageError(
                f"{n} requests at once after {fired} are over the ceiling of {self.at_once} at once"
                f" and {self.in_all} in all.",
                "Ask for less (-n, --most, -k), or lift it with --no-ceiling if the target can "
                "take it.",
            )


class RationedEngine:
    """Fires by another engine, and refuses what is over the limits.

    Whatever else is sent to the same server counts as well.
    """

    def __init__(
        self, engine: Engine, ration: Ration, pings: Callable[[], int] = lambda: 0
    ) -> None:
        """Take the engine that fires, which the caller starts and stops.

        ``pings`` gives how many requests the canary has sent so far.
        """
        self._engine = engine
        self._ration = ration
        self._pings = pings
        self._fired = 0
        self._owed = 0
        self._pings_paid = 0
        self._ended_s = 0.0

    async def __aenter__(self) -> Self:
        """Give this engine; the one that fires runs already."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Do nothing; the caller stops the engine that fires."""

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
        """Wait as long as the rate demands, then fire; see ``Engine.fire``.

        Raises UsageError if the burst is over the limits.
        """
        ration = self._ration
        ration.permit(scenario.n, self._fired + self._pings())
        if ration.rate is not None:
            await self._pay(ration.rate)
        self._owed = 2 * scenario.n  # each connection is opened by a request for the canary
        self._fired += self._owed
        burst = await self._engine.fire(
            base_url,
            request,
            scenario,
            timeout_s=timeout_s,
            canary_path=canary_path,
            watched=watched,
        )
        self._ended_s = time.monotonic()
        return burst

    async def _pay(self, rate: float) -> None:
        """Wait until what was sent since the last burst began is no more than the rate allows."""
        while True:
            owed = self._owed + self._pings() - self._pings_paid
            left_s = self._ended_s + owed / rate - time.monotonic()
            if left_s <= 0:
                break
            await asyncio.sleep(left_s)  # the canary goes on meanwhile
        self._pings_paid = self._pings()
