"""What is shown of each endpoint under a load, in the terminal as on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from neverblock.result import Load, LoadEndpoint

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of an endpoint; left out in a terminal that is not wide unless it is ``narrow``."""

    title: str
    told: Callable[[LoadEndpoint], str]
    narrow: bool = True


FIGURES = (
    Figure("requests", lambda each: str(each.requests)),
    Figure(FAILED, lambda each: str(each.failures)),
    Figure("req/s", lambda each: rate(each.rate_per_s)),
    Figure("p50", lambda each: seconds(each.p50_s)),
    Figure("p90", lambda each: seconds(each.p90_s), narrow=False),
    Figure("p95", lambda each: seconds(each.p95_s)),
    Figure("p99", lambda each: seconds(each.p99_s)),
    Figure("max", lambda each: seconds(each.max_s), narrow=False),
)
LOSSES = (
    Figure("it lost", lambda each: seconds(each.lost_s)),
    Figure("others lost", lambda each: "" if each.cost_s is None else seconds(each.cost_s)),
)


def load_figures(load: Load) -> list[Figure]:
    """Give what is shown; what was lost is not known from outside, where no answer says by whom."""
    return [*FIGURES, *(LOSSES if load.server_workers else ())]
