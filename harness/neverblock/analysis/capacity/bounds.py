"""Demands in; the ceilings that follow from them by arithmetic out, the lowest first. Pure.

The asymptotic bounds of operational analysis: n requests at once are answered at no more than n / R
a second, with R the time of one alone, and no resource with c servers of which a request needs D
seconds lets through more than c / D.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.demands import UNKNOWN, ceilings_of
from neverblock.result.capacity import Limit, NextLimit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neverblock.measurement import Demand

DISAGREE = 0.2
"""A prediction that the ceiling misses by more than a fifth is a finding of its own."""

MOST_NEXT = 3
"""Of the limits that come next, so many are told."""


def known_ceilings(demands: Mapping[str, Demand]) -> list[NextLimit]:
    """Give the ceiling that each resource sets, the lowest first; the unexplained has no name."""
    found = ceilings_of(demands).items()
    known = [NextLimit(Limit(name), per_s) for name, per_s in found if name != UNKNOWN]
    return sorted(known, key=lambda each: each.per_s)


def predicted(
    demands: Mapping[str, Demand], solo_s: float, limit: Limit, size: float | None
) -> tuple[float, str] | None:
    """Give the ceiling that one request's demands predict, and the limit that sets it.

    An object of the app's own that lets ``size`` requests in at once sets size / R, where it keeps
    a request for all of its time; one at a time, what a burst left unexplained sets it.
    """
    found = [(each.per_s, each.limit.value) for each in known_ceilings(demands)]
    unknown = demands.get(UNKNOWN)
    if size is not None and size > 1 and solo_s > 0:
        found.append((size / solo_s, limit.value))
    elif unknown is not None and (need_s := unknown.high_s) > 0:
        found.append((1 / need_s, limit.value if size == 1 else UNKNOWN))
    return min(found, default=None)


def next_limits(
    demands: Mapping[str, Demand], limit: Limit, ceiling_per_s: float
) -> tuple[NextLimit, ...]:
    """Give what would limit next, the lowest first: what lies above the ceiling, and is not it."""
    above = [
        each
        for each in known_ceilings(demands)
        if each.limit is not limit and each.per_s > ceiling_per_s
    ]
    return tuple(above[:MOST_NEXT])


def grown(
    before: Mapping[str, float], now: Mapping[str, float], names: Sequence[str]
) -> tuple[str, float, float] | None:
    """Give the demand that grew the most under load, in seconds a request: its name, then and now.

    None where none grew by more than a fifth.
    """
    worse = [
        (now[name] - before[name], name)
        for name in names
        if before.get(name, 0.0) > 0 and now.get(name, 0.0) > (1 + DISAGREE) * before[name]
    ]
    if not worse:
        return None
    name = max(worse)[1]
    return name, before[name], now[name]


def disagree(predicted_per_s: float, ceiling_per_s: float) -> bool:
    """Say whether a ceiling misses what was predicted by more than a fifth."""
    return abs(ceiling_per_s / predicted_per_s - 1) > DISAGREE if predicted_per_s > 0 else False
