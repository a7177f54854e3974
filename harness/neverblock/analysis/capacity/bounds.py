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

    from neverblock.measurement import Demand, Measurement

DISAGREE = 0.2
"""A prediction that the ceiling misses by more than a fifth is a finding of its own."""

OF_THE_APP = (
    Limit.THREAD_POOL,
    Limit.CONNECTION_POOL,
    Limit.LOCK,
    Limit.SEMAPHORE,
    Limit.RATE_LIMIT,
    Limit.UPSTREAM,
)
"""What requests queue for that is no resource of the process: no demand tells its size."""

MOST_NEXT = 3
"""Of the limits that come next, so many are told."""


def known_ceilings(demands: Mapping[str, Demand]) -> list[NextLimit]:
    """Give the ceiling that each resource sets, the lowest first; the unexplained has no name."""
    found = ceilings_of(demands).items()
    known = [NextLimit(Limit(name), per_s) for name, per_s in found if name != UNKNOWN]
    return sorted(known, key=lambda each: each.per_s)


def predicted(
    alone: Measurement, limit: Limit, size: float | None = None
) -> tuple[float, str] | None:
    """Give the ceiling that the check of an endpoint predicts, and the limit that sets it.

    An object of the app's own that lets ``size`` requests in at once sets size / R, where it keeps
    a request for all of its time R. Where it lets in one, or nobody knows how many, what each more
    request added to the burst's wall sets it; and of a limit without a name, what was unexplained.
    """
    found = [(each.per_s, each.limit.value) for each in known_ceilings(alone.demands)]
    unknown = alone.demands.get(UNKNOWN)
    if limit in OF_THE_APP and size is not None and size > 1 and alone.solo_s > 0:
        found.append((size / alone.solo_s, limit.value))
    elif limit in OF_THE_APP and (added_s := _added_s(alone)) > 0:
        found.append((1 / added_s, limit.value))
    elif unknown is not None and unknown.high_s > 0:
        found.append((1 / unknown.high_s, UNKNOWN))
    return min(found, default=None)


def _added_s(alone: Measurement) -> float:
    """Give what each request of a burst but the first added to its wall, in seconds."""
    more = alone.requests - 1
    return (alone.wall_s - alone.floor_s - alone.solo_s) / more if more else 0.0


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
