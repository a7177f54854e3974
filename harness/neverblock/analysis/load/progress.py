"""How far a load is, in one line: for whoever watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.load.histogram import Histogram
from neverblock.units import rate
from neverblock.units import seconds as written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neverblock.analysis.load.seconds import Second
    from neverblock.model import Beat

SMOOTHED_S = 2.0
"""The rate that is shown is of this long, in seconds."""


class Progress:
    """A load so far: all that was asked, how fast it was answered, and what held the loop."""

    def __init__(self, run_time_s: float | None = None) -> None:
        """Take for how long the load will last, in seconds, if that is known."""
        self._run_time_s = run_time_s
        self._failures = 0
        self._took = Histogram()
        self._first_beat_s: float | None = None
        self._last: Beat | None = None
        self._users: dict[str | None, int] = {}
        self._lately: list[Beat] = []

    @property
    def requests(self) -> int:
        """How many requests are over."""
        return self._took.total

    @property
    def users(self) -> int:
        """How many users there are."""
        return sum(self._users.values())

    def add(self, beat: Beat, seconds: Iterable[Second]) -> None:
        """Take in what was counted in one beat of a generator."""
        if self._first_beat_s is None:
            self._first_beat_s = beat.at_s
        self._last = beat
        self._users[beat.worker] = beat.users
        since_s = beat.at_s - SMOOTHED_S
        self._lately = [*(each for each in self._lately if each.at_s >= since_s), beat]
        for second in seconds:
            self._took.merge(second.took)
            self._failures += second.failures

    def line(self, worst_stall_s: float | None) -> str:
        """Give the line; ``worst_stall_s`` is the longest stall so far, None without a probe."""
        if self._last is None or self._first_beat_s is None or not self.requests:
            return "no request is over yet"
        over_s = self._lately[-1].at_s - self._lately[0].at_s
        lately = sum(beat.requests for beat in self._lately[1:]) / over_s if over_s else 0.0
        parts = [
            f"{self.users} users",
            f"{rate(lately)} requests/s",
            f"p95 {written(self._took.quantile(0.95))}",
            f"{self._failures} failed",
        ]
        if worst_stall_s is not None:
            parts.append(f"worst stall {written(worst_stall_s)}")
        if self._run_time_s is not None:
            left_s = self._run_time_s - (self._last.at_s - self._first_beat_s)
            parts.append(f"{max(0.0, left_s):.0f} s left")
        return ", ".join(parts)
