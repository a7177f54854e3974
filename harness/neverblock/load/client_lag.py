"""How late the load generator's own loop is while it measures, and what CPU time it uses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from neverblock.model import ClientHealth

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    CallLater = Callable[[float, Callable[[], None]], Callable[[], object]]

TICK_S = 0.005
"""Apart from each other by this much, the meter's ticks cost a client under 1 % of a core."""


class LagMeter:
    """A timer on the client's own loop: it comes as late as the loop lags.

    A context manager around what is measured; afterwards ``health`` has the longest lag, all lags
    beyond a tick together, and the CPU time of the loop's thread, in seconds.
    """

    def __init__(self, call_later: CallLater) -> None:
        """Take how the loop calls back: (seconds, callback) in, a function that cancels it out."""
        self._call_later = call_later
        self._max_lag_s = self._late_s = 0.0

    def __enter__(self) -> Self:
        """Start ticking."""
        self._cpu_s = -time.thread_time()
        self._schedule()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, with the tick that is due counted in."""
        self._cancel()
        self._note_lag()
        self._cpu_s += time.thread_time()

    @property
    def health(self) -> ClientHealth:
        """What was seen between enter and exit."""
        return ClientHealth(self._max_lag_s, self._cpu_s, self._late_s)

    def _schedule(self) -> None:
        self._due_s = time.monotonic() + TICK_S
        self._cancel = self._call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        self._note_lag()
        self._schedule()

    def _note_lag(self) -> None:
        lag_s = time.monotonic() - self._due_s
        self._max_lag_s = max(self._max_lag_s, lag_s)
        self._late_s += lag_s if lag_s > TICK_S else 0.0
