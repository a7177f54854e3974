"""The places that held the loop under a load, the worst first by what they did to others."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING

from neverblock.analysis.codes import find_code
from neverblock.analysis.load.harm import Loss
from neverblock.analysis.load.hits import MOST
from neverblock.model import Diagnosis
from neverblock.result import Blame, LoadFinding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neverblock.analysis.load.harm import Harm
    from neverblock.analysis.load.holds import Piece
    from neverblock.result import Criterion


def findings(
    places: Sequence[Blame],
    pieces: Sequence[Piece],
    harm: Harm,
    warm_s: Mapping[tuple[int, str | None], float],
    criterion: Criterion,
    *,
    took_s: Mapping[str, float],
) -> tuple[LoadFinding, ...]:
    """Give what held the loop for longer than its limit, or cost others much, worst first.

    The requests of each name took ``took_s`` seconds in sum; a place under the limit is named where
    its victims lost more than a share of theirs, the one for which an endpoint may wait on the
    loop. ``warm_s`` says from when on each route is warm in each process: what was run there for
    the first time before is not judged.
    """
    of_place: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        of_place[piece.place].append(piece)
    found = []
    for index, own in of_place.items():
        loss = harm.by_place.get(index, Loss())
        longest_s = _longest_s(_warm(own, warm_s))
        theirs_s = sum(took_s.get(name, 0.0) for name in loss.victims)
        tolerated = loss.lost_s <= criterion.waiting_share * theirs_s
        if longest_s > criterion.loop_limit_s or not tolerated:
            found.append(_finding(places[index], own, loss, longest_s))
    found.sort(key=lambda each: (-each.others_lost_s, -each.held_s))
    return tuple(found[:MOST])


def longest_by_route(
    pieces: Sequence[Piece], warm_s: Mapping[tuple[int, str | None], float]
) -> dict[str, float]:
    """Give the longest that one request of each route held a loop, its warm-up aside."""
    of_route: dict[str, list[Piece]] = defaultdict(list)
    for piece in _warm(pieces, warm_s):
        if piece.cause is not None and piece.cause.route is not None:
            of_route[piece.cause.route].append(piece)
    return {route: _longest_s(own) for route, own in of_route.items()}


def _warm(pieces: Sequence[Piece], warm_s: Mapping[tuple[int, str | None], float]) -> list[Piece]:
    """Leave out what warms up: a place run for the first time, before the route was answered.

    That need not be in the route's first request: one that comes at the same time may be ahead. But
    what a second one runs again before any is answered is no warm-up.
    """
    first: dict[tuple[int, int, str | None], int] = {}
    kept = []
    for piece in sorted(pieces, key=lambda each: each.start_s):
        cause = piece.cause
        if cause is not None:
            number = first.setdefault((piece.pid, piece.place, cause.route), cause.number)
            answered_s = warm_s.get((piece.pid, cause.route), -math.inf)
            if number == cause.number and piece.end_s <= answered_s:
                continue
        kept.append(piece)
    return kept


def _longest_s(pieces: Sequence[Piece]) -> float:
    """Give the longest hold: waits of one request in sum, all else at once."""
    waits: dict[tuple[int, int], float] = defaultdict(float)
    longest_s = 0.0
    for piece in pieces:
        if piece.diagnosis is Diagnosis.BLOCKING_IO and piece.cause is not None:
            waits[piece.pid, piece.cause.number] += piece.held_s
        else:
            longest_s = max(longest_s, piece.held_s)
    return max([longest_s, *waits.values()])


def _finding(place: Blame, pieces: Sequence[Piece], loss: Loss, longest_s: float) -> LoadFinding:
    times: dict[Diagnosis, float] = defaultdict(float)
    for piece in pieces:
        times[piece.diagnosis] += piece.held_s
    diagnosis = max(times, key=lambda each: times[each])
    routes = {piece.cause.route for piece in pieces if piece.cause is not None}
    about = {each.name: getattr(place, each.name) for each in fields(Blame)}
    about["held_s"] = sum(times.values())
    return LoadFinding(
        **about,
        code=find_code(diagnosis).code,
        holds=len({(piece.pid, piece.start_s, piece.cause) for piece in pieces}),
        longest_s=longest_s,
        calls=_calls(pieces),
        routes=tuple(sorted(route for route in routes if route is not None)),
        others_requests=round(loss.requests),
        others_lost_s=loss.lost_s,
        others_worst_s=loss.worst_s,
        victims={
            name: round(many)
            for name, many in sorted(loss.victims.items(), key=lambda each: -each[1])
        },
    )


def _calls(pieces: Sequence[Piece]) -> dict[str, float]:
    """Give what was called at a place, each with its share of the time, where it was seen."""
    called: dict[str, float] = defaultdict(float)
    for piece in pieces:
        if piece.call is not None:
            called[piece.call] += piece.held_s
    all_s = sum(called.values())
    return {call: s / all_s for call, s in sorted(called.items(), key=lambda each: -each[1])}
