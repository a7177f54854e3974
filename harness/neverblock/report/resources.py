"""What a burst needs of each resource, set beside its wall: what every format says of demands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.analysis.demands import RESOLUTION_S, UNKNOWN, both_ends
from neverblock.units import milliseconds, rate

if TYPE_CHECKING:
    from neverblock.analysis.demands import Bounds
    from neverblock.measurement import Measurement

OWN_TIME = "own time"
"""Of one request: no burst is shorter, whatever it needs of any resource."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a burst takes at least by one resource, in seconds, at both ends of the figures.

    ``demand_s`` is what one request needs of it, and ``servers`` how many of it there are; both are
    None for a request's own time and for what nothing explains. ``sets_wall`` counts the ends at
    which no other part is larger: at both it sets the wall, at one it may.
    """

    name: str
    low_s: float
    high_s: float
    sets_wall: int
    demand_s: tuple[float, float] | None = None
    servers: float | None = None


def parts(measurement: Measurement) -> list[Part]:
    """Give one request's own time, each resource, and last what nothing explains, if anything.

    Empty for a run without demands (from outside, or by an earlier version), and for a burst that
    took no longer than the null app's.
    """
    m = measurement
    if not m.demands or burst_s(m) <= RESOLUTION_S:
        return []
    ends = both_ends(m, m.demands)
    largest = [_largest(end) for end in ends]
    found = [_part(OWN_TIME, [end.own_s for end in ends], largest)]
    for name, demand in m.demands.items():
        if name == UNKNOWN:
            continue
        known = _part(name, [end.by[name] for end in ends], largest)
        found.append(
            Part(
                *(name, known.low_s, known.high_s, known.sets_wall),
                demand_s=(demand.low_s, demand.high_s),
                servers=demand.servers,
            )
        )
    if UNKNOWN in m.demands:
        found.append(_part(UNKNOWN, [end.unexplained_s for end in ends], largest))
    return found


def sentence(part: Part) -> str:
    """Say what one request needs of a part, what a burst takes by it, and whether that is all."""
    said = between(part.low_s, part.high_s)
    if part.demand_s is not None and part.servers is not None:
        servers = f"{part.servers:g} server{'s' * (part.servers != 1)}"
        said = f"{between(*part.demand_s)} a request, {servers}: at least {said}"
    return said + ("", "; may set the wall", "; sets the wall")[part.sets_wall]


def between(low_s: float, high_s: float) -> str:
    """Give a range of durations as a person reads it, in seconds from one second on."""
    if high_s < 1:
        return milliseconds(low_s, high_s)
    low, high = f"{low_s:.2f}", f"{high_s:.2f}"
    return f"{low} s" if low == high else f"{low} to {high} s"


def burst_s(measurement: Measurement) -> float:
    """Give the wall that the parts are set beside: less that of the null app's burst."""
    return max(0.0, measurement.wall_s - measurement.floor_s)


def cap_sentence(measurement: Measurement) -> str:
    """Say how many requests a second a process can answer and what limits it; "" if unknown."""
    cap = measurement.cap
    return f"at most {rate(cap.per_s)} requests a second, by {cap.resource}" if cap else ""


def _largest(end: Bounds) -> str:
    sizes = {OWN_TIME: end.own_s, **end.by, UNKNOWN: end.unexplained_s}
    return max(sizes, key=lambda name: sizes[name])


def _part(name: str, ends_s: list[float], largest: list[str]) -> Part:
    return Part(name, min(ends_s), max(ends_s), largest.count(name))
