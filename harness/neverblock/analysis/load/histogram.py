"""How long requests took, counted in buckets that are exact to one per cent.

The buckets are those of DDSketch (Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable
quantile sketch with relative-error guarantees", PVLDB 12(12), 2019). Its package has not been
kept since 2024, and hdrhistogram's needs setuptools at run time, in the user's own environment.
"""

from __future__ import annotations

from collections import Counter
from math import ceil, log
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

ACCURACY = 0.01
"""The most that a quantile may be off, as a share of it."""

_GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GAMMA = log(_GAMMA)
_LEAST_S = 1e-6
"""A request takes more than this; below, all durations are the same."""


class Histogram:
    """Durations in seconds, a thousand buckets for anything from a microsecond to ten minutes."""

    __slots__ = ("_counts", "largest_s", "sum_s", "total")

    def __init__(self) -> None:
        """Start empty."""
        self._counts: Counter[int] = Counter()
        self.total = 0
        self.sum_s = 0.0
        self.largest_s = 0.0

    def add(self, duration_s: float) -> None:
        """Count one duration."""
        self._counts[ceil(log(max(_LEAST_S, duration_s)) / _LOG_GAMMA)] += 1
        self.total += 1
        self.sum_s += duration_s
        self.largest_s = max(self.largest_s, duration_s)

    def extend(self, durations_s: Sequence[float]) -> None:
        """Count durations, one at least."""
        self._counts.update([ceil(log(max(_LEAST_S, s)) / _LOG_GAMMA) for s in durations_s])
        self.total += len(durations_s)
        self.sum_s += sum(durations_s)
        self.largest_s = max(self.largest_s, *durations_s)

    def merge(self, other: Histogram) -> None:
        """Count all that another has counted."""
        self._counts.update(other._counts)
        self.total += other.total
        self.sum_s += other.sum_s
        self.largest_s = max(self.largest_s, other.largest_s)

    def packed(self) -> list[Any]:
        """Give it as lists and plain values, for a message or a line of a file."""
        return [self.sum_s, self.largest_s, [list(each) for each in self._counts.items()]]

    @classmethod
    def unpacked(cls, values: Sequence[Any]) -> Histogram:
        """Give what ``packed`` made values of."""
        made = cls()
        made.sum_s, made.largest_s, counts = values
        made._counts = Counter(dict(counts))
        made.total = made._counts.total()
        return made

    def quantile(self, share: float) -> float:
        """Give the duration that this share of all do not exceed (nearest rank), within 1 %.

        Raises ValueError where nothing was counted: no figure is made up.
        """
        return min(self.largest_s, 2 * _GAMMA ** self._bucket(share) / (_GAMMA + 1))

    def at_most(self, share: float) -> float:
        """Give a duration that this share of all do not exceed, the least that is known of them.

        Raises ValueError where nothing was counted.
        """
        return min(self.largest_s, _GAMMA ** self._bucket(share))

    def _bucket(self, share: float) -> int:
        if not self.total:
            raise ValueError("an empty histogram has no quantiles")
        rank = max(1, ceil(share * self.total))
        seen = 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            if seen >= rank:
                return bucket
        raise AssertionError  # pragma: no cover - the counts add up to the total
