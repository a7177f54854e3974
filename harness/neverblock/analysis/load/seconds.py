"""What ended within one second under one name: counted where it was asked, added up elsewhere.

A load generator sends this home instead of every request, so that a million of them take no more
room than the seconds that they fell into.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neverblock.analysis.load.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(slots=True)
class Second:
    """The requests of one name that ended within the second from ``at_s`` on.

    ``answers`` counts those that went well by their status, ``errors`` the others by their reason;
    the first was sent at ``first_s``, the last ended at ``last_s``.
    """

    name: str
    at_s: float
    took: Histogram = field(default_factory=Histogram)
    answers: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    first_s: float = math.inf
    last_s: float = -math.inf

    @property
    def failures(self) -> int:
        """How many of them failed."""
        return self.errors.total()

    def moved(self, by_s: float) -> Second:
        """Give the same on a clock that is ahead by so many seconds."""
        first_s, last_s = self.first_s + by_s, self.last_s + by_s
        return Second(
            self.name, self.at_s + by_s, self.took, self.answers, self.errors, first_s, last_s
        )

    def packed(self) -> list[Any]:
        """Give it as lists and plain values, for a message or a line of a file."""
        counts = dict(self.answers), dict(self.errors)
        return [self.name, self.at_s, self.took.packed(), *counts, self.first_s, self.last_s]


def unpacked(values: Sequence[Any]) -> Second:
    """Give what ``Second.packed`` made values of."""
    name, at_s, took, answers, errors, first_s, last_s = values
    counters = Counter(answers), Counter(errors)
    return Second(name, at_s, Histogram.unpacked(took), *counters, first_s, last_s)


class Counting:
    """Counts requests as they end, until they are taken."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: dict[tuple[str, int], Second] = {}

    def add(
        self, name: str, start_s: float, end_s: float, error: str | None, status: str = "answered"
    ) -> None:
        """Count one request; ``error`` says why it failed, ``status`` what a good answer had."""
        at = int(end_s // 1)
        second = self._open.get((name, at))
        if second is None:
            second = self._open[name, at] = Second(name, float(at))
        second.took.add(end_s - start_s)
        if error is None:
            second.answers[status] += 1
        else:
            second.errors[error] += 1
        second.first_s = min(second.first_s, start_s)
        second.last_s = max(second.last_s, end_s)

    def take(self) -> list[Second]:
        """Give what was counted since the last time."""
        taken, self._open = list(self._open.values()), {}
        return taken
