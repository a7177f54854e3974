"""All that was measured of one endpoint in; its capacity out, but for the proof. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.analysis.capacity.bounds import (
    DISAGREE,
    OF_THE_APP,
    disagree,
    grown,
    next_limits,
    predicted,
)
from neverblock.analysis.capacity.limit import FULL, Named, name_limit
from neverblock.analysis.capacity.proof import OUTSIDE, not_tried
from neverblock.analysis.capacity.scalability import scalability_of
from neverblock.analysis.demands import CORES, LOOP_COMPUTING, LOOP_WAITING
from neverblock.result.capacity import Capacity, Limit
from neverblock.units import seconds

if TYPE_CHECKING:
    from neverblock.analysis.capacity.limit import Seen
    from neverblock.analysis.capacity.plateau import Plateau
    from neverblock.measurement import Measurement
    from neverblock.result.capacity import Level

STARVED = 0.1
"""Others had more of the CPU time that the server wanted than a tenth: the machine is busy.

That is what ``demands.MOSTLY`` tolerates, and what a ceiling may be off by where the CPU sets it.
"""

AT_LEAST = "the app can take as much at the least"

BY_CPU = (Limit.LOOP_WAITING, Limit.LOOP_COMPUTING, Limit.GIL, Limit.CORES, Limit.UNKNOWN)
"""A server without a core reaches these sooner; a queue of the app's own is where it was seen."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One endpoint: a check's figures of it, its levels, and three of them as the probe saw them.

    A mix of endpoints has no figures ``alone``, and 0 for ``generator_per_s``: nobody measured it.
    Of a target that is not ``probed`` nobody knows what it does inside.

    ``one`` is with the fewest requests, ``at`` just reaches the ceiling, ``beyond`` has more.
    ``ended`` says why the sweep ended where it did not end on a sure ceiling.
    """

    endpoint: str
    alone: Measurement | None
    levels: tuple[Level, ...]
    plateau: Plateau | None
    ended: str
    one: Seen
    at: Seen
    beyond: Seen
    generator_per_s: float
    probed: bool = True


def conclude(facts: Facts) -> Capacity:
    """Give the ceiling with what limits it, or why there is none."""
    plateau, last = facts.plateau, facts.levels[-1]
    named = name_limit(facts.at, facts.beyond)
    if last.client_cpu > FULL and not _server_is_full(facts.beyond):
        why = f"the generator is at its limit at {last.rate_per_s:.0f} a second: {AT_LEAST}"
        return _without_ceiling(facts, Limit.GENERATOR, why)
    if named.limit is Limit.UNKNOWN and _is_near_generator(facts):
        reached = f"{_best(facts):.0f} a second, and the generator reaches {_generator(facts):.0f}"
        return _without_ceiling(facts, Limit.GENERATOR, f"{reached}: {AT_LEAST}")
    if plateau is None or not plateau.sure:
        return _without_ceiling(facts, Limit.UNKNOWN, facts.ended or "no ceiling was seen")
    # From outside all of a burst's wall is unexplained, whose ceiling predicts nothing of a rate.
    alone = facts.alone if facts.probed else None
    said = predicted(alone, named.limit, named.size) if alone else None
    return Capacity(
        endpoint=facts.endpoint,
        ceiling_per_s=plateau.per_s,
        low_per_s=plateau.low,
        high_per_s=plateau.high,
        at_n=plateau.at_n,
        beyond=plateau.beyond,
        limit=named.limit,
        limit_seen=named.seen,
        predicted_per_s=said[0] if said else None,
        predicted_limit=said[1] if said else None,
        next=next_limits(alone.demands if alone else {}, named.limit, plateau.per_s),
        proof=not_tried(named.limit) if facts.probed else OUTSIDE,
        levels=facts.levels,
        solo_s=facts.alone.solo_s if facts.alone else None,
        generator_per_s=_generator(facts),
        reason="",
        scalability=scalability_of(facts.levels),
        used=_used(facts),
        limit_size=named.size,
        notes=tuple(_notes(facts, plateau, named, said)),
    )


def unmeasured(endpoint: str, generator_per_s: float, why: str) -> Capacity:
    """Give the capacity of an endpoint of which nothing could be measured, and why."""
    return Capacity(
        endpoint=endpoint,
        ceiling_per_s=None,
        low_per_s=None,
        high_per_s=None,
        at_n=None,
        beyond=None,
        limit=Limit.UNKNOWN,
        limit_seen=None,
        predicted_per_s=None,
        predicted_limit=None,
        next=(),
        proof=not_tried(Limit.UNKNOWN),
        levels=(),
        solo_s=None,
        generator_per_s=generator_per_s,
        reason=why,
    )


def _without_ceiling(facts: Facts, limit: Limit, why: str) -> Capacity:
    cap = facts.alone.cap if facts.alone and facts.probed else None
    return Capacity(
        endpoint=facts.endpoint,
        ceiling_per_s=None,
        low_per_s=None,
        high_per_s=None,
        at_n=None,
        beyond=None,
        limit=limit,
        limit_seen=None,
        predicted_per_s=cap.per_s if cap else None,
        predicted_limit=cap.resource if cap else None,
        next=(),
        proof=not_tried(limit),
        levels=facts.levels,
        solo_s=facts.alone.solo_s if facts.alone else None,
        generator_per_s=_generator(facts),
        reason=why,
        scalability=scalability_of(facts.levels),
        used=_used(facts),
    )


def _used(facts: Facts) -> dict[str, float] | None:
    return dict(facts.beyond.used) if facts.probed else None


def _best(facts: Facts) -> float:
    return max(level.rate_per_s for level in facts.levels)


def _generator(facts: Facts) -> float:
    """Give what the generator reaches: by itself, or here, where it was faster; 0 is unknown."""
    return max(facts.generator_per_s, _best(facts)) if facts.generator_per_s else 0.0


def _is_near_generator(facts: Facts) -> bool:
    """Say whether the best rate is one that the generator hardly passes by itself.

    By a fifth it may be off, as a prediction may: server and generator share the cores.
    """
    known = facts.generator_per_s > 0
    return known and _best(facts) >= (1 - DISAGREE) * facts.generator_per_s


def _server_is_full(beyond: Seen) -> bool:
    """Say whether the server was busier than a generator that is at its limit."""
    return max(beyond.used.values(), default=0.0) > 0.95  # noqa: PLR2004 - no gap is left


def _why_off(facts: Facts, limit: Limit) -> str:
    """Say why a prediction misses the ceiling: the demand that grows with load, or another cause.

    One may be that a request alone takes another time in the sweep than when it was checked.
    """
    names = (LOOP_WAITING, LOOP_COMPUTING, CORES)
    if more := grown(facts.one.needs_s, facts.beyond.needs_s, names):
        name, then, now = more
        grew = f"from {seconds(then)} a request alone to {seconds(now)} at {facts.beyond.n} at once"
        return f"{name} grows with load, {grew}"
    then_s = facts.alone.solo_s if facts.alone else 0.0
    now_s = next((level.p50_s for level in facts.levels if level.n == 1), 0.0)
    if now_s and disagree(then_s, now_s):
        took = f"one request alone took {seconds(then_s)} when that was predicted, and "
        later = f"{seconds(now_s)} in the sweep"
        return f"{took}{later}: the app was cold, or the machine had another pace"
    if limit in OF_THE_APP:
        return f"no demand tells what the {limit.value} lets through"
    return "no demand that the probe sees grows with load"


def _notes(
    facts: Facts, plateau: Plateau, named: Named, said: tuple[float, str] | None
) -> list[str]:
    notes = []
    if facts.beyond.starved > STARVED and named.limit in BY_CPU:
        notes.append(
            f"the ceiling may be higher: others had {facts.beyond.starved:.0%} of the CPU time "
            "that the server wanted; measure on a quieter machine"
        )
    if said is not None and disagree(said[0], plateau.per_s):
        off = f"one request predicts {said[0]:.3g} a second, and {plateau.per_s:.3g} were measured"
        notes.append(f"{off}: {_why_off(facts, named.limit)}")
    if named.limit is Limit.UNKNOWN and facts.probed:
        seen = "is in use all the time" if facts.beyond.used else "was told in time"
        notes.append(f"nothing that the probe sees {seen}")
    return notes
