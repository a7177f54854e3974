"""The latency that users would see at shares of a ceiling, who come when they please."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.analysis.capacity.steady import arrivals_of
from neverblock.load.open_loop import arrive

if TYPE_CHECKING:
    from collections.abc import Callable

    from neverblock.model import Request
    from neverblock.result.capacity import Arrivals, Capacity

SHARES = (0.5, 0.8, 0.95)
"""Of the ceiling, where the latency is measured that users would see."""

STEADY_S, STEADY_REQUESTS = 3.0, 100
"""A share is measured for so long, or for so many requests, but no longer than ``LONGEST_S``."""

LONGEST_S = 6.0


async def with_arrivals(
    capacity: Capacity,
    base_url: str,
    request: Request,
    timeout_s: float,
    until_s: float,
    allows: Callable[[int, int], bool],
    step: Callable[[str], None],
) -> Capacity:
    """Give a capacity with the latency at shares of its ceiling, as far as there is time.

    Each share has to end by ``until_s``, and ``allows`` has to allow its requests. None is measured
    beyond the first at which most requests fail; of those that time was short for, a note says so.
    """
    found: list[Arrivals] = []
    for share in SHARES:
        rate = share * (capacity.ceiling_per_s or 0.0)
        for_s = min(LONGEST_S, max(STEADY_S, STEADY_REQUESTS / rate))
        if time.monotonic() + for_s > until_s:
            why = f"no latency at {share:.0%} of it or more: the time of --for was over before"
            capacity = replace(capacity, notes=(*capacity.notes, why))
            break
        if not allows(1, sum(each.requests for each in found) + round(rate * for_s)):
            break
        step(f"{capacity.endpoint}: {rate:.3g} arrivals a second")
        requests = await arrive(base_url, request, rate, for_s, timeout_s)
        found.append(arrivals_of(requests, share, rate, for_s))
        if found[-1].failures > found[-1].requests / 2:
            break
    return replace(capacity, arrivals=tuple(found))
