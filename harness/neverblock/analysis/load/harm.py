"""What holds of the loop did to requests of other endpoints: request by request, in seconds.

A request that is in flight while another holds its loop cannot go on, for as long as both last
(their overlap). But one that waits for something else meanwhile loses nothing by it, so nobody
loses more than it took beyond its own time: the median of its endpoint's requests that met no
hold of others. Where several holds hit one request, each has its share of the loss.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neverblock.analysis.load.histogram import Histogram
from neverblock.analysis.load.hits import Hits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from neverblock.analysis.load.hits import Hold
    from neverblock.analysis.load.holds import Piece
    from neverblock.model import UserRequest

LEAST_SAMPLES = 3
"""The fewest whose least and most hold their median but for a chance of one in eight."""


@dataclass(slots=True)
class Loss:
    """What one place cost the requests of other endpoints; times in seconds."""

    requests: float = 0.0
    lost_s: float = 0.0
    worst_s: float = 0.0
    victims: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, request: UserRequest, lost_s: float) -> None:
        """Count what one request, and those that it stands for, lost to the place."""
        self.requests += request.weight
        self.lost_s += lost_s * request.weight
        self.worst_s = max(self.worst_s, lost_s)
        self.victims[request.name] += request.weight


@dataclass(frozen=True, slots=True)
class Harm:
    """The losses by place, by endpoint that lost, and by route that others lost to; in seconds.

    ``unplaced`` requests could be told to no process, where there are several, or to no instant:
    nothing is known of what they lost. ``nameless`` ones were answered and met a hold, and do not
    say which request they were: it may have been their own. ``held`` are holds with the requests
    that they hit.
    """

    by_place: Mapping[int, Loss]
    lost_s: Mapping[str, float]
    cost_s: Mapping[str, float]
    unplaced: int
    nameless: int = 0
    held: Sequence[Hold] = ()


class Holds:
    """The pieces of all stalls, to be found by the requests that they hit."""

    def __init__(self, pieces: Iterable[Piece], *, each_other: bool = False) -> None:
        """Take all pieces, in any order; ``each_other`` as for ``harm``."""
        self._each_other = each_other
        stalls: dict[tuple[int, float, float], list[Piece]] = defaultdict(list)
        for piece in pieces:
            stalls[piece.pid, piece.start_s, piece.end_s].append(piece)
        self._stalls: dict[int, list[tuple[float, float, list[Piece]]]] = defaultdict(list)
        for (pid, start_s, end_s), of_stall in sorted(stalls.items()):
            self._stalls[pid].append((start_s, end_s, of_stall))
        self._ends_s = {pid: [end for _, end, _ in each] for pid, each in self._stalls.items()}

    def met(
        self, request: UserRequest, pid: int, route: str | None
    ) -> Sequence[tuple[Piece, float]]:
        """Give (piece, seconds) for each piece of another endpoint that a request may lose to.

        Stalls of one process follow each other. Of a stall that it met in part, a request met each
        piece in that part. Where the request's own instants are not sure, only what it surely met
        counts.
        """
        stalls, ends_s = self._stalls.get(pid, ()), self._ends_s.get(pid, ())
        from_s, to_s = request.start_s + request.unsure_s, request.end_s - request.unsure_s
        at = bisect_right(ends_s, from_s)
        if from_s >= to_s or at == len(stalls) or stalls[at][0] >= to_s:
            return ()
        met: list[tuple[Piece, float]] = []
        while at < len(stalls) and (stall := stalls[at])[0] < to_s:
            start_s, end_s, pieces = stall
            part = (min(end_s, to_s) - max(start_s, from_s)) / (end_s - start_s)
            met += [
                (piece, piece.held_s * part)
                for piece in pieces
                if _is_of_another(piece, request, None if self._each_other else route)
            ]
            at += 1
        return met


def _is_of_another(piece: Piece, request: UserRequest, route: str | None) -> bool:
    """Say whether a piece was no request of the same route's, nor this very request's."""
    cause = piece.cause
    if cause is None:
        return True
    return cause.number != request.number and (route is None or cause.route != route)


def harm(
    requests: Iterable[UserRequest],
    pieces: Sequence[Piece],
    pids: Sequence[int],
    routes: Mapping[str, str],
    *,
    each_other: bool = False,
) -> Harm:
    """Give what the holds of the loops cost requests of other endpoints.

    With ``each_other``, as in a burst that may ask for one endpoint, those of the same as well.

    ``requests`` is gone through twice, and none is kept. ``pids`` are the processes that served; a
    request that does not say by which counts where there was one. ``routes`` are those of the names
    of requests, for those that were not answered.
    """
    holds = Holds(pieces, each_other=each_other)
    only = pids[0] if len(pids) == 1 else None
    hits = Hits()
    own_s = _own_times(requests, holds, routes, only, hits)
    hits.choose()
    by_place: dict[int, Loss] = defaultdict(Loss)
    lost_s: dict[str, float] = defaultdict(float)
    cost_s: dict[str, float] = defaultdict(float)
    unplaced = nameless = 0
    for request in requests:
        pid = _server_of(request, only)
        if pid is None:
            unplaced += 1
            continue
        met = holds.met(request, pid, _route(request, routes))
        if not met:
            continue
        nameless += request.number is None and request.error is None
        met_s = sum(overlap_s for _, overlap_s in met)
        beyond_s = request.end_s - request.start_s - own_s.get(request.name, 0.0)
        if met_s <= 0 or beyond_s <= 0:
            continue
        part = min(1.0, beyond_s / met_s)
        of_place: dict[int, float] = defaultdict(float)
        for piece, overlap_s in met:
            of_place[piece.place] += overlap_s * part
            if piece.cause is not None and piece.cause.route is not None:
                cost_s[piece.cause.route] += overlap_s * part * request.weight
        for index, place_s in of_place.items():
            by_place[index].add(request, place_s)
        lost_s[request.name] += met_s * part * request.weight
        hits.hit(request, met, part)
    return Harm(by_place, lost_s, cost_s, unplaced, nameless, hits.held)


def _server_of(request: UserRequest, only: int | None) -> int | None:
    """Give the process that served a request; None also where nobody knows when that was."""
    if math.isinf(request.unsure_s):
        return None
    return only if request.pid is None else request.pid


def _route(request: UserRequest, routes: Mapping[str, str]) -> str:
    """Give the route of a request, or that of most of its name, or else the name itself."""
    return request.route or routes.get(request.name, request.name)


def _own_times(
    requests: Iterable[UserRequest],
    holds: Holds,
    routes: Mapping[str, str],
    only: int | None,
    hits: Hits,
) -> dict[str, float]:
    """Give how long a request of each name takes where no hold of others hits it, in seconds.

    ``hits`` is told of the holds that they met.
    Where too few were spared, the median of what is left of each without the holds that it met.
    """
    spared: dict[str, Histogram] = defaultdict(Histogram)
    rest: dict[str, Histogram] = defaultdict(Histogram)
    for request in requests:
        pid = _server_of(request, only)
        if pid is None or request.error is not None:
            continue
        took_s = request.end_s - request.start_s
        met = holds.met(request, pid, _route(request, routes))
        met_s = sum(overlap_s for _, overlap_s in met)
        hits.meet(met)
        (rest if met_s else spared)[request.name].add(max(0.0, took_s - met_s))
    few = {name for name, each in spared.items() if each.total < LEAST_SAMPLES and name in rest}
    known = {**rest, **{name: each for name, each in spared.items() if name not in few}}
    # at most: no loss is to be made of the width of a bucket
    return {name: each.at_most(0.5) for name, each in known.items()}
