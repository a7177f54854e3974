"""The holds of a load that requests met for the longest, each with the requests that it hit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from heapq import heappush, heappushpop, nlargest
from itertools import count, zip_longest
from typing import TYPE_CHECKING

from neverblock.result import HitRequest, LoadStall

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from neverblock.analysis.load.holds import Piece
    from neverblock.model import UserRequest
    from neverblock.result import Blame, LoadFinding

    Key = tuple[int, float, float]

MOST = 20
"""More places than these, or holds, or requests that one of them hit, would be read by nobody."""


@dataclass(slots=True)
class Hold:
    """One stall of one process, the place that held it, and what requests lost by it."""

    key: Key
    place: int
    requests: float = 0.0
    lost_s: float = 0.0
    worst: list[tuple[float, int, UserRequest]] = field(default_factory=list)


class Hits:
    """Chooses among all holds, and keeps the requests that the chosen ones hit."""

    def __init__(self) -> None:
        """Start with none."""
        self._met_s: dict[int, dict[Key, float]] = defaultdict(lambda: defaultdict(float))
        self._held: dict[Key, Hold] = {}
        self._order = count()

    def meet(self, met: Iterable[tuple[Piece, float]]) -> None:
        """Count for how long a request was in flight in each hold."""
        for piece, overlap_s in met:
            self._met_s[piece.place][_key(piece)] += overlap_s

    def choose(self) -> None:
        """Choose the holds of each place, of those places that were met for the longest in sum."""
        worst = nlargest(MOST, self._met_s, key=lambda place: sum(self._met_s[place].values()))
        for place in worst:
            of_place = self._met_s[place]
            for key in nlargest(MOST, of_place, key=of_place.__getitem__):
                self._held.setdefault(key, Hold(key, place))
        self._met_s.clear()

    def hit(self, request: UserRequest, met: Iterable[tuple[Piece, float]], part: float) -> None:
        """Take what a request lost: a part of the time for which it met each hold."""
        lost: dict[Key, float] = defaultdict(float)
        for piece, overlap_s in met:
            if (key := _key(piece)) in self._held:
                lost[key] += overlap_s * part
        for key, lost_s in lost.items():
            hold = self._held[key]
            hold.requests += request.weight
            hold.lost_s += lost_s * request.weight
            keep = heappush if len(hold.worst) < MOST else heappushpop
            keep(hold.worst, (lost_s, next(self._order), request))

    @property
    def held(self) -> list[Hold]:
        """The holds that requests lost anything to."""
        return [hold for hold in self._held.values() if hold.worst]


def stalls_of(
    held: Sequence[Hold], places: Sequence[Blame], found: Sequence[LoadFinding], from_s: float
) -> tuple[LoadStall, ...]:
    """Give the worst holds of the findings in the order of time, the worst of each at least.

    ``found`` are the findings before their files are named as people do; ``from_s`` is when the
    first request of the load was sent.
    """
    numbers = {(f.file, f.line, f.function): number for number, f in enumerate(found)}
    of_finding: dict[int, list[Hold]] = defaultdict(list)
    for hold in sorted(held, key=lambda each: -each.lost_s):
        at = places[hold.place]
        if (number := numbers.get((at.file, at.line, at.function))) is not None:
            of_finding[number].append(hold)
    # in turns: the worst of each finding, then the second of each
    turns = zip_longest(*(of_finding[number] for number in sorted(of_finding)))
    chosen = [hold for turn in turns for hold in turn if hold is not None][:MOST]
    number_of = {id(hold): number for number, each in of_finding.items() for hold in each}
    return tuple(
        _stall(hold, number_of[id(hold)], from_s)
        for hold in sorted(chosen, key=lambda each: each.key[1])
    )


def _stall(hold: Hold, finding: int, from_s: float) -> LoadStall:
    pid, start_s, end_s = hold.key
    hits = [
        HitRequest(each.name, each.start_s - from_s, each.end_s - each.start_s, lost_s)
        for lost_s, _, each in sorted(hold.worst, reverse=True)
    ]
    about = start_s - from_s, end_s - start_s, pid, finding
    return LoadStall(*about, round(hold.requests), hold.lost_s, tuple(hits))


def _key(piece: Piece) -> Key:
    return piece.pid, piece.start_s, piece.end_s
