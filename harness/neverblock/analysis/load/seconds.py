"""What ended within one second under one name: counted where it was asked, added up elsewhere.

A load generator sends this home instead of every request, so that a million of them take no more
room than the seconds that they fell into.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from neverblock.analysis.load.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    _Alike = tuple[str, str | None, int | None]
    _Times = tuple[float, float]


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


def total_of(values: Sequence[Any]) -> int:
    """Give how many requests are in what ``Second.packed`` made values of."""
    counts: tuple[dict[str, int], dict[str, int]] = (values[3], values[4])
    return sum(sum(each.values()) for each in counts)


class Counting:
    """Counts requests as they end, until they are taken."""

    def __init__(self) -> None:
        """Start with none."""
        self._ended: dict[_Alike, list[_Times]] = defaultdict(list)

    def add(
        self, name: str, start_s: float, end_s: float, error: str | None, status: int | None
    ) -> None:
        """Count one request; ``error`` says why it failed, ``status`` what its answer had."""
        self.extend(name, [(end_s, start_s)], error=error, status=status)

    def extend(
        self, name: str, times: list[_Times], *, error: str | None, status: int | None
    ) -> None:
        """Count alike requests by the times at which they ended and started, in this order."""
        self._ended[name, error, status] += times

    def take(self) -> list[Second]:
        """Give what was counted since the last time."""
        taken, self._ended = self._ended, defaultdict(list)
        seconds: dict[tuple[str, int], Second] = {}
        for (name, error, status), times in taken.items():
            for at, within in _by_second(times):
                second = seconds.setdefault((name, at), Second(name, float(at)))
                second.took.extend([end_s - start_s for end_s, start_s in within])
                if error is None:
                    second.answers[str(status or "answered")] += len(within)
                else:
                    second.errors[error] += len(within)
                second.first_s = min(second.first_s, *(start_s for _, start_s in within))
                second.last_s = max(second.last_s, within[-1][0])
        return list(seconds.values())


def _by_second(times: list[_Times]) -> Iterator[tuple[int, list[_Times]]]:
    """Yield what ended within each second, in the order of its end."""
    times.sort()
    first, last = int(times[0][0]), int(times[-1][0])
    if first == last:
        yield first, times
        return
    for at, within in groupby(times, lambda each: int(each[0])):
        yield at, list(within)
