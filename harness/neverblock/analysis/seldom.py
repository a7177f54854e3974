"""What held the loop in few of an endpoint's requests, and not in the others. Pure.

An expired token, a cold cache: it falls into the warm-up, or into one request of several, and no
median shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.blame import blame
from neverblock.analysis.measure import holds, stalls_of_each
from neverblock.model import Diagnosis
from neverblock.result import Seldom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.analysis.measure import Solo
    from neverblock.measurement import Stall
    from neverblock.result import Criterion


def seldom_held(solo: Solo, criterion: Criterion) -> Seldom | None:
    """Give what held the loop beyond its limit in fewer than half of the single requests.

    The warm-up counts as the first of them. None where nothing did, or where it is the rule.
    """
    if solo.trace is None:
        return None
    first = solo.first.stalls if solo.first is not None else ()
    each = [list(first), *stalls_of_each(solo)]
    over = [at for at, stalls in enumerate(each) if _held_s(stalls) > criterion.loop_limit_s]
    if not over or 2 * len(over) >= len(each):
        return None
    stalls = [stall for at in over for stall in each[at]]
    figures = holds(stalls, len(over))
    waits = figures.longest_waiting_s >= figures.longest_computing_s
    diagnosis = Diagnosis.BLOCKING_IO if waits else Diagnosis.BLOCKING_CPU
    places = blame(stalls, diagnosis, requests=len(over), endpoint=solo.trace.endpoint)
    if not places:
        return None
    which = "the first request" if over == [0] else f"{len(over)} of {len(each)} requests"
    return Seldom(which, max(_held_s(each[at]) for at in over), places[0])


def _held_s(stalls: Sequence[Stall]) -> float:
    figures = holds(stalls, 1)
    return max(figures.waiting_s, figures.longest_computing_s)
