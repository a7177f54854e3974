"""What a few samples say of the median that they are drawn from. Pure."""

from __future__ import annotations

from math import comb, inf
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DOUBT = 0.125
"""The chance that the median lies beyond an end of its range: of three samples, their ends."""


class Range(NamedTuple):
    """A figure as two ends: less what may be noise, and as it was seen."""

    low: float
    high: float


NOTHING = Range(0.0, 0.0)


def around_median(samples: Sequence[float]) -> Range:
    """Give the range that holds the median but for a chance of one in eight at either end.

    The sign test (Dixon and Mood, "The statistical sign test", JASA 41, 1946), which assumes no
    distribution. Fewer than three samples give a range that is open above, or nothing at all.
    """
    if not samples:
        return NOTHING
    ordered, count = sorted(samples), len(samples)
    rank = 0
    while sum(comb(count, k) for k in range(rank + 1)) <= DOUBT * 2**count:
        rank += 1
    return Range(ordered[rank - 1], ordered[-rank]) if rank else Range(0.0, inf)


def around_medians(samples: Sequence[Range]) -> Range:
    """Give the range that holds the median of figures that are ranges themselves."""
    return Range(
        around_median([each.low for each in samples]).low,
        around_median([each.high for each in samples]).high,
    )


def span(samples: Iterable[float]) -> Range:
    """Give the least and the most of some figures of whole rounds, each a mean of its own."""
    found = list(samples)
    return Range(min(found), max(found)) if found else NOTHING


def spans(samples: Sequence[Range]) -> Range:
    """Give the least and the most of figures that are ranges themselves."""
    return Range(span(each.low for each in samples).low, span(each.high for each in samples).high)


def larger(first: Range, second: Range) -> Range:
    """Give the larger of two figures, end by end."""
    return Range(max(first.low, second.low), max(first.high, second.high))
