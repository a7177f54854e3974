"""Levels in; the ceiling, the n that reaches it, and what happens beyond it out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from neverblock.analysis.capacity.level import SURE
from neverblock.result.capacity import Beyond

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neverblock.result.capacity import Level

FAILING = 0.01
"""The share of failed requests from which a level fails: one in a hundred is what a p99 shows."""

FALLING = 0.9
"""Beyond the ceiling the rate falls where it is below this share of it: twice what is unsure."""

CONFIRMING = 2
"""So many levels, each with 1.6 times the requests of the one before, without a higher rate."""


LOOKED_AT = 2
"""The probe asks where requests wait from two on (``watchdog``): one alone waits for nobody."""


class Plateau(NamedTuple):
    """A ceiling in requests a second with its interval, the least n that reaches it, what follows.

    ``sure`` where levels beyond it have shown that more requests do not bring more.
    """

    per_s: float
    low: float
    high: float
    at_n: int
    beyond: Beyond
    sure: bool


def steps(most: int) -> Iterator[int]:
    """Yield how many requests at once to try: 1, 2, 3, 5, 8, 13 and so on, and the most last."""
    n, following = 1, 2
    while n < most:
        yield n
        n, following = following, n + following
    yield most


def failing(level: Level) -> bool:
    """Say whether too many requests of a level failed for its rate to count as capacity."""
    return level.failures > FAILING * max(1, level.requests)


def plateau_of(levels: Sequence[Level]) -> Plateau | None:
    """Give the ceiling of some levels; None where no level has good answers.

    The ceiling is the mean of the levels that reach the best of them within what is unsure, each
    by its weight in requests; a level at which requests fail counts for what lies beyond. Its
    interval is the mean of theirs, and holds the rate of each of them: levels differ by more than
    each is unsure by, where the machine was busy with something else at one and not at another.
    """
    ordered = sorted(levels, key=lambda level: level.n)
    good = [level for level in ordered if level.rate_per_s > 0 and not failing(level)]
    if not good:
        return None
    best = max(good, key=lambda level: level.rate_per_s)
    reaching = [level for level in good if level.high_per_s >= (1 - SURE) * best.rate_per_s
                and level.rate_per_s >= (1 - 2 * SURE) * best.rate_per_s]  # fmt: skip
    at_n = reaching[0].n
    on_it = [level for level in reaching if level.rate_per_s >= (1 - SURE) * best.rate_per_s]
    weights = [max(1, level.requests) for level in on_it]
    per_s, low, high = (
        sum(weight * end for weight, end in zip(weights, ends, strict=True)) / sum(weights)
        for ends in (
            [level.rate_per_s for level in on_it],
            [level.low_per_s for level in on_it],
            [level.high_per_s for level in on_it],
        )
    )
    beyond = [level for level in ordered if level.n > at_n]
    rates = [level.rate_per_s for level in reaching]
    low, high = min(low, *rates), max(high, *rates)
    sure = len(beyond) >= CONFIRMING or any(failing(level) for level in beyond)
    return Plateau(per_s, low, high, at_n, _beyond(beyond, per_s), sure)


def _beyond(levels: Sequence[Level], ceiling: float) -> Beyond:
    if any(failing(level) for level in levels):
        return Beyond.FAILING
    if levels and levels[-1].rate_per_s < FALLING * ceiling:
        return Beyond.FALLING
    return Beyond.FLAT


def watched(levels: Sequence[Level], at_n: int) -> tuple[int, int]:
    """Give the n of the two levels that tell where requests on top stand: at the knee, and beyond.

    The first has two requests at least, as one alone is not looked at, the second as many as there
    are: but none that fails, which stands nowhere.
    """
    fit = [level.n for level in levels if level.n >= max(LOOKED_AT, at_n)]
    good = [level.n for level in levels if level.n in fit and not failing(level)]
    at = min(good or fit or [level.n for level in levels])
    return at, max(good or fit or [at])


def knee_between(levels: Sequence[Level], at_n: int) -> int | None:
    """Give the n to try next for a more exact knee; None where the two around it are near enough.

    They are where they differ by one, or by less than 5 % of the n that reaches the ceiling.
    """
    below = max((level.n for level in levels if level.n < at_n), default=at_n)
    if at_n - below <= max(1, SURE * at_n):
        return None
    return (below + at_n) // 2
