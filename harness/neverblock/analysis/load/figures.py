"""How each endpoint fared under a load: its rate, failures and percentiles."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neverblock.analysis.load.histogram import Histogram
from neverblock.analysis.load.timeline import OverTime
from neverblock.result import LoadEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from neverblock.analysis.load.harm import Harm
    from neverblock.analysis.load.seconds import Second


@dataclass(slots=True)
class Counts:
    """What is counted of one endpoint, or of all."""

    took: Histogram = field(default_factory=Histogram)
    answers: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, second: Second) -> None:
        """Count what ended within a second."""
        self.took.merge(second.took)
        self.answers.update(second.answers)
        self.errors.update(second.errors)

    @property
    def failures(self) -> int:
        """How many of them failed."""
        return self.errors.total()


@dataclass(slots=True)
class Tally:
    """All requests of a load, counted by the name of their endpoint."""

    by_name: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    first_s: float = float("inf")
    last_s: float = float("-inf")
    over_time: OverTime = field(default_factory=OverTime)

    def add(self, second: Second) -> None:
        """Count what ended within a second."""
        self.by_name[second.name].add(second)
        self.over_time.add(second)
        self.first_s = min(self.first_s, second.first_s)
        self.last_s = max(self.last_s, second.last_s)

    @property
    def requests(self) -> int:
        """How many there were."""
        return sum(counts.took.total for counts in self.by_name.values())

    @property
    def failures(self) -> int:
        """How many of them failed."""
        return sum(counts.failures for counts in self.by_name.values())

    @property
    def duration_s(self) -> float:
        """From the first that was sent to the last that ended; 0 without any."""
        return max(0.0, self.last_s - self.first_s)

    @property
    def usual_error(self) -> str | None:
        """Why most of those that failed did."""
        errors = sum((counts.errors for counts in self.by_name.values()), start=Counter[str]())
        return max(errors, key=lambda each: errors[each], default=None)


def tally(seconds: Iterable[Second]) -> Tally:
    """Count all requests of a load."""
    counted = Tally()
    for second in seconds:
        counted.add(second)
    return counted


def endpoints(
    counted: Tally, harm: Harm, routes: Mapping[str, str], held_s: Mapping[str, float]
) -> tuple[LoadEndpoint, ...]:
    """Give the figures of each endpoint, those that lost most to others first.

    ``held_s`` is the longest hold of each route, for those that held a loop at all.
    """
    found = [
        LoadEndpoint(
            name=name,
            route=routes.get(name),
            requests=counts.took.total,
            failures=counts.failures,
            rate_per_s=counts.took.total / counted.duration_s if counted.duration_s else 0.0,
            p50_s=counts.took.quantile(0.5),
            p90_s=counts.took.quantile(0.9),
            p95_s=counts.took.quantile(0.95),
            p99_s=counts.took.quantile(0.99),
            max_s=counts.took.largest_s,
            lost_s=harm.lost_s.get(name, 0.0),
            cost_s=harm.cost_s.get(routes[name], 0.0) if name in routes else None,
            held_s=held_s.get(routes[name], 0.0) if name in routes else None,
            answers=dict((counts.answers + counts.errors).most_common()),
            took_s=counts.took.sum_s,
        )
        for name, counts in counted.by_name.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.lost_s, each.name)))
