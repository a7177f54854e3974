"""Requests that came at a steady rate in; the latency that users would see out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.capacity.level import percentile
from neverblock.result.capacity import Arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.model import UserRequest


def arrivals_of(
    requests: Sequence[UserRequest], share: float, rate_per_s: float, for_s: float
) -> Arrivals:
    """Give the latency of requests that were due at a rate for so long, from when they were due.

    Those that had no answer when the last was due are the backlog.
    """
    took = sorted(each.end_s - each.start_s for each in requests if each.error is None)
    until_s = min((each.start_s for each in requests), default=0.0) + for_s
    return Arrivals(
        share=share,
        rate_per_s=rate_per_s,
        requests=len(requests),
        p50_s=percentile(took, 0.5),
        p99_s=percentile(took, 0.99),
        failures=len(requests) - len(took),
        backlog=sum(each.end_s > until_s for each in requests),
    )
