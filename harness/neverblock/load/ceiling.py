"""Limits on how many requests are sent, so that a typing error does not become an attack."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from neverblock.errors import UsageError

if TYPE_CHECKING:
    from types import TracebackType

    from neverblock.load import Engine
    from neverblock.model import Burst, Request, Scenario


@dataclass(frozen=True, slots=True)
class Ration:
    """How many requests one check may send: at once, in all, and on average in a second.

    ``rate`` is None for a target on this machine.
    """

    at_once: int = 100
    in_all: int = 100_000
    rate: float | None = None

    def permit(self, n: int, fired: int = 0) -> None:
        """Raise UsageError if n requests at once, after ``fired`` others, are over the limits.

        Before them, n connections are opened, by a request each.
        """
        if n > self.at_once or fired + 2 * n > self.in_all:
            raise UsageError(
                f"{n} requests at once after {fired} are over the ceiling of {self.at_once} at once"
                f" and {self.in_all} in all.",
                "Ask for less (-n, -k), or lift it with --no-ceiling if the target can take it.",
            )


class RationedEngine:
    """Fires by another engine, and refuses what is over the limits."""

    def __init__(self, engine: Engine, ration: Ration) -> None:
        """Take the engine that fires, which the caller starts and stops."""
        self._engine = engine
        self._ration = ration
        self._fired = 0
        self._free_at_s = 0.0

    async def __aenter__(self) -> Self:
        """Give this engine; the one that fires runs already."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Do nothing; the caller stops the engine that fires."""

    async def fire(
        self,
        base_url: str,
        request: Request,
        scenario: Scenario,
        *,
        timeout_s: float,
        canary_path: str,
    ) -> Burst:
        """Wait as long as the rate demands, then fire; see ``Engine.fire``.

        Raises UsageError if the burst is over the limits.
        """
        ration = self._ration
        ration.permit(scenario.n, self._fired)
        sent = 2 * scenario.n  # each connection is opened by a request for the canary
        self._fired += sent
        if ration.rate is not None:
            await asyncio.sleep(self._free_at_s - time.monotonic())
        burst = await self._engine.fire(
            base_url, request, scenario, timeout_s=timeout_s, canary_path=canary_path
        )
        if ration.rate is not None:
            self._free_at_s = time.monotonic() + sent / ration.rate
        return burst
