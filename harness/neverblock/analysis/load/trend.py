"""What rose or fell throughout a load: the slope of a noisy series, with its interval.

The slope is the median of those between all pairs of points, with the interval that Kendall's rank
statistic gives (Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63,
1968): no outlier moves it, and no noise has to be normal. The points are medians of stretches, so
that what is left of a second's noise in the next does not count twice.
"""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from statistics import NormalDist, median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

STRETCHES = 30
"""Medians that a series is made of: 435 pairs, and each of ten seconds in the shortest soak."""

SOAK_S = 300.0
"""A server that has just started fills caches, pools and its allocator for minutes: what rises in
a shorter load is no trend."""

SURE = 0.99
"""Of the interval: some twenty figures of a load are looked at, and all are still to be right."""

MATTERS = 0.05
"""A figure that changed by less than this share of itself over the whole load is left alone."""


class Slope(NamedTuple):
    """How much a series rises in a second, at the least and at the most, and its two ends."""

    per_s: float
    low: float
    high: float
    started: float
    ended: float


def slope(series: Sequence[tuple[float, float]]) -> Slope | None:
    """Give the slope of a series of (instant, value); None where it is too short to have one."""
    if len(series) < STRETCHES or series[-1][0] - series[0][0] < SOAK_S:
        return None
    points = _medians(series, STRETCHES)
    slopes = sorted(
        (later - value) / (later_s - at_s)
        for (at_s, value), (later_s, later) in combinations(points, 2)
    )
    count = len(points)
    spread = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    off = NormalDist().inv_cdf((1 + SURE) / 2) * spread
    least = max(0, math.floor((len(slopes) - off) / 2))
    most = min(len(slopes) - 1, math.ceil((len(slopes) + off) / 2))
    tenth = max(1, len(series) // 10)
    ends = (median(value for _, value in part) for part in (series[:tenth], series[-tenth:]))
    return Slope(median(slopes), slopes[least], slopes[most], *ends)


def only_rises(series: Sequence[tuple[float, float]]) -> Slope | None:
    """Give the slope of a series that rises from its beginning to its end, and matters; else None.

    It rises as well in its later half, and there by at least half as much a second: what a server
    fills at first and then keeps levels off.
    """
    whole = slope(series)
    if whole is None or whole.low <= 0:
        return None
    length_s = series[-1][0] - series[0][0]
    if whole.low * length_s < MATTERS * abs(whole.started):
        return None
    later = _later_slope(series)
    return whole if later >= whole.per_s / 2 else None


def _later_slope(series: Sequence[tuple[float, float]]) -> float:
    """Give the median of the slopes between all pairs of stretches in the later half."""
    points = _medians(series, STRETCHES)[STRETCHES // 2 :]
    return median(
        (later - value) / (later_s - at_s)
        for (at_s, value), (later_s, later) in combinations(points, 2)
    )


def _medians(series: Sequence[tuple[float, float]], stretches: int) -> list[tuple[float, float]]:
    cuts = [len(series) * at // stretches for at in range(stretches + 1)]
    parts = [series[low:high] for low, high in pairwise(cuts)]
    return [(median(at for at, _ in part), median(value for _, value in part)) for part in parts]
