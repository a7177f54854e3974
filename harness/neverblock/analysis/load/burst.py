"""A burst made by load generators: how well it began at one instant, and what it took."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import TYPE_CHECKING

from neverblock.result import LoadBurst

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neverblock.analysis.load.figures import Tally


@dataclass(frozen=True, slots=True)
class BurstSeen:
    """What was seen of a burst that was to begin ``at_s``.

    ``alone`` has what single requests took before, each with its name, in the order in which they
    were asked; ``starts`` when each user began, by the generator that it was of. Instants are on
    the clock of this machine.
    """

    at_s: float
    alone: Sequence[tuple[str, float]]
    starts: Mapping[str, Sequence[float]]


def burst_of(seen: BurstSeen, counted: Tally) -> LoadBurst | None:
    """Give what a burst was, whose requests are ``counted``; None where no user asked."""
    starts = sorted(start_s for own in seen.starts.values() for start_s in own)
    if not starts:
        return None
    first = [min(own) for own in seen.starts.values() if own]
    alone_s = _alone(seen.alone)
    known = counted.by_name.keys() <= alone_s.keys()
    each = [(counts.took.total, alone_s.get(name, 0.0)) for name, counts in counted.by_name.items()]
    return LoadBurst(
        users=len(starts),
        wall_s=counted.duration_s,
        serial_bound_s=sum(many * own_s for many, own_s in each) if known else None,
        longest_alone_s=max((own_s for _, own_s in each), default=None) if known else None,
        spread_s=starts[ceil(0.99 * len(starts)) - 1] - starts[0],
        widest_s=starts[-1] - starts[0],
        generators_apart_s=max(first) - min(first),
    )


def _alone(asked: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Give the median of what each name took alone, without the first, which warms up, if it can.

    Failed ones count as well: they are what the burst would be made of.
    """
    took: dict[str, list[float]] = defaultdict(list)
    for name, took_s in asked:
        took[name].append(took_s)
    return {name: median(each[1:] or each) for name, each in took.items()}
