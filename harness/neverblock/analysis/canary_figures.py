"""Pings in; what every other user of the service suffered out. Pure."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from neverblock.measurement import CanaryFigures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.model import Ping, Record


def canary_figures(
    pings: Sequence[Ping], interval_s: float, window: tuple[float, float], limit_s: float
) -> CanaryFigures:
    """Sum up what the canary suffered in a window of the clock.

    A lost ping counts as waiting until the end of the window. ``limit_s`` is how long a ping
    may wait before the time counts into ``share``.
    """
    since, until = window
    latencies = [(p.done_s if p.done_s is not None else until) - p.meant_s for p in pings]
    waiting = [
        (p.meant_s, min(p.meant_s + latency, until))
        for p, latency in zip(pings, latencies, strict=True)
        if latency > limit_s
    ]
    return CanaryFigures(
        interval_s=interval_s,
        sent=len(pings),
        lost=sum(p.done_s is None or not p.ok for p in pings),
        longest_s=max(latencies, default=0.0),
        median_s=median(latencies) if latencies else 0.0,
        share=min(1.0, covered(waiting) / (until - since)) if until > since else 0.0,
        pings=tuple(pings),
    )


def typical_freeze_s(pings: Sequence[Ping], records: Sequence[Record]) -> float:
    """Give for how long a canary is out during a typical solo request, its usual time aside.

    The median over the requests of the longest wait of a ping that was due before the request's
    end and answered after its beginning.
    """
    usual_s = min((p.done_s - p.meant_s for p in pings if p.done_s is not None), default=0.0)
    longest = [
        max(
            (
                (p.done_s if p.done_s is not None else r.done_s) - p.meant_s
                for p in pings
                if p.meant_s < r.done_s and (p.done_s is None or p.done_s > r.sent_s)
            ),
            default=usual_s,
        )
        for r in records
    ]
    return max(0.0, median(longest) - usual_s)


def covered(intervals: Sequence[tuple[float, float]]) -> float:
    """Give the length of the union of intervals."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
