"""How far a load is, in one line: for whoever watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.load.histogram import Histogram
from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neverblock.model import Beat, UserRequest


SMOOTHED = 8
"""Beats of the generator, two seconds, over which the rate is shown."""


class Progress:
    """A load so far: all that was asked, how fast it was answered, and what held the loop."""

    def __init__(self, run_time_s: float | None = None) -> None:
        """Take for how long the load will last, in seconds, if that is known."""
        self._run_time_s = run_time_s
        self._failures = 0
        self._took = Histogram()
        self._first_beat_s: float | None = None
        self._last: Beat | None = None
        self._lately: list[Beat] = []

    @property
    def requests(self) -> int:
        """How many requests are over."""
        return self._took.total

    @property
    def users(self) -> int:
        """How many users there are."""
        return self._last.users if self._last else 0

    def add(self, beat: Beat, requests: Iterable[UserRequest]) -> None:
        """Take in the requests of one beat of the generator."""
        if self._first_beat_s is None:
            self._first_beat_s = beat.at_s
        self._last = beat
        self._lately = [*self._lately[-SMOOTHED:], beat]
        for request in requests:
            self._took.add(request.end_s - request.start_s)
            self._failures += request.error is not None

    def line(self, worst_stall_s: float | None) -> str:
        """Give the line; ``worst_stall_s`` is the longest stall so far, None without a probe."""
        if self._last is None or self._first_beat_s is None or not self.requests:
            return "no request is over yet"
        over_s = self._lately[-1].at_s - self._lately[0].at_s
        lately = sum(beat.requests for beat in self._lately[1:]) / over_s if over_s else 0.0
        parts = [
            f"{self.users} users",
            f"{rate(lately)} requests/s",
            f"p95 {seconds(self._took.quantile(0.95))}",
            f"{self._failures} failed",
        ]
        if worst_stall_s is not None:
            parts.append(f"worst stall {seconds(worst_stall_s)}")
        if self._run_time_s is not None:
            left_s = self._run_time_s - (self._last.at_s - self._first_beat_s)
            parts.append(f"{max(0.0, left_s):.0f} s left")
        return ", ".join(parts)
