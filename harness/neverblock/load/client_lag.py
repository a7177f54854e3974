"""How the measuring side itself fares while it measures."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from neverblock.model import ClientHealth

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

TICK_S = 0.005
"""Apart from each other by this much, the meter's ticks cost a client under 1 % of a core."""


class HealthMeter:
    """A tick on the client's own loop: by how much it comes late, the loop lags.

    Enter it around what is measured, then ask for ``health``. CPU time is the loop thread's.
    """

    async def __aenter__(self) -> Self:
        """Start ticking."""
        self._loop = asyncio.get_running_loop()
        self._max_lag_s = 0.0
        self._cpu_s = -time.thread_time()
        self._arm()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, with the tick that is due counted in."""
        self._timer.cancel()
        self._note_lag()
        self._cpu_s += time.thread_time()

    @property
    def health(self) -> ClientHealth:
        """What was seen between enter and exit."""
        return ClientHealth(max_lag_s=self._max_lag_s, cpu_s=self._cpu_s)

    def _arm(self) -> None:
        self._due_s = self._loop.time() + TICK_S
        self._timer = self._loop.call_at(self._due_s, self._tick)

    def _tick(self) -> None:
        self._note_lag()
        self._arm()

    def _note_lag(self) -> None:
        self._max_lag_s = max(self._max_lag_s, self._loop.time() - self._due_s)
