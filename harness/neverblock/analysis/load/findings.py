"""The places that held the loop under a load, the worst first by what they did to others."""

from __future__ import annotations

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
    first: Mapping[tuple[int, str], int],
    criterion: Criterion,
    *,
    took_s: Mapping[str, float],
) -> tuple[LoadFinding, ...]:
    """Give what held the loop for longer than its limit, or cost others much, worst first.

    The requests of each name took ``took_s`` seconds in sum; a place under the limit is named where
    its victims lost more than a share of theirs, the one for which an endpoint may wait on the
    loop. ``first`` has the number of each route's first request in each process, which warms up
    and is not judged.
    """
    of_place: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        of_place[piece.place].append(piece)
    found = []
    for index, own in of_place.items():
        loss = harm.by_place.get(index, Loss())
        longest_s = _longest_s([piece for piece in own if not _warms_up(piece, first)])
        theirs_s = sum(took_s.get(name, 0.0) for name in loss.victims)
        tolerated = loss.lost_s <= criterion.waiting_share * theirs_s
        if longest_s > criterion.loop_limit_s or not tolerated:
            found.append(_finding(places[index], own, loss, longest_s))
    found.sort(key=lambda each: (-each.others_lost_s, -each.held_s))
    return tuple(found[:MOST])


def longest_by_route(
    pieces: Sequence[Piece], first: Mapping[tuple[int, str], int]
) -> dict[str, float]:
    """Give the longest that one request of each route held a loop, its warm-up aside."""
    of_route: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        route = None if piece.cause is None else piece.cause.route
        if route is not None and not _warms_up(piece, first):
            of_route[route].append(piece)
    return {route: _longest_s(own) for route, own in of_route.items()}


def _warms_up(piece: Piece, first: Mapping[tuple[int, str], int]) -> bool:
    cause = piece.cause
    if cause is None or cause.route is None:
        return False
    return first.get((piece.pid, cause.route)) == cause.number


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
