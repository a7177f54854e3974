"""An engine with a ration: a measuring tool must not become a weapon by a slip of the keyboard."""

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
    """What one check may ask of a target: at once, in all, and on average in a second.

    ``rate`` is None where the target is this machine's own.
    """

    at_once: int = 100
    in_all: int = 100_000
    rate: float | None = None

    def permit(self, n: int, fired: int = 0) -> None:
        """Raise UsageError where n at once, after so many that were fired, are over the ration."""
        if n > self.at_once or fired + n > self.in_all:
            raise UsageError(
                f"{n} requests at once after {fired} are over the ceiling of {self.at_once} at once"
                f" and {self.in_all} in all.",
                "Ask for less (-n, -k), or lift it with --no-ceiling if it may be burdened so.",
            )


class RationedEngine:
    """Fires by another engine, and refuses what is over the ration."""

    def __init__(self, engine: Engine, ration: Ration) -> None:
        """Take the engine that fires, which somebody else starts and stops."""
        self._engine = engine
        self._ration = ration
        self._fired = 0
        self._free_at_s = 0.0

    async def __aenter__(self) -> Self:
        """Give the engine; the one beneath runs already."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the engine beneath alone."""

    async def fire(
        self,
        base_url: str,
        request: Request,
        scenario: Scenario,
        *,
        timeout_s: float,
        canary_path: str,
    ) -> Burst:
        """Fire as the engine beneath does, after waiting for the rate; see ``Engine.fire``.

        Raises UsageError where the ration is used up.
        """
        ration = self._ration
        ration.permit(scenario.n, self._fired)
        self._fired += scenario.n
        if ration.rate is not None:
            await asyncio.sleep(self._free_at_s - time.monotonic())
        burst = await self._engine.fire(
            base_url, request, scenario, timeout_s=timeout_s, canary_path=canary_path
        )
        if ration.rate is not None:
            self._free_at_s = time.monotonic() + scenario.n / ration.rate
        return burst
