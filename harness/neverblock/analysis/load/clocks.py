"""Two monotonic clocks related by round trips, with what that leaves unsure.

A message that leaves at ``sent_s`` and whose answer is here at ``received_s`` was over there in
between: when their clock showed ``there_s``, ours was between the two. Each round trip so puts the
offset into an interval, and several of them into what their intervals have in common (Marzullo,
"Maintaining the time in a distributed system", 1984), each widened by what a clock may drift
meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DRIFT = 500e-6
"""Seconds a second: the most by which Linux lets its clock be slewed (MAXFREQ, adjtimex(2))."""

NEAR_S = 30.0
"""Round trips further away say nothing more: the drift alone is 15 ms by then."""

BESIDE_S = 5.0
"""How long before its first round trip and after its last a clock is taken for the same one."""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A message there and back: sent and received by our clock, seen there by theirs."""

    sent_s: float
    there_s: float
    received_s: float

    def offset(self, at_s: float) -> tuple[float, float]:
        """Give least and most of theirs less ours, as far as it holds at an instant of theirs."""
        widened_s = DRIFT * abs(at_s - self.there_s)
        low_s, high_s = self.there_s - self.received_s, self.there_s - self.sent_s
        return low_s - widened_s, high_s + widened_s


@dataclass(frozen=True, slots=True)
class Offset:
    """How far a clock is ahead of ours, within ``unsure_s`` either way; in seconds."""

    ahead_s: float
    unsure_s: float


class Clock:
    """The clock of one load generator, as its round trips show it."""

    def __init__(self, trips: Iterable[RoundTrip]) -> None:
        """Take all round trips, in any order. A jump of the clock splits them."""
        self._stretches = _stretches(sorted(trips, key=lambda trip: trip.received_s))
        self._known: dict[int, Offset | None] = {}

    @property
    def jumped(self) -> bool:
        """Whether some round trips contradict each other by more than a clock may drift."""
        return len(self._stretches) > 1

    def at(self, there_s: float) -> Offset | None:
        """Give the offset at an instant of that clock, to the second; None where none is known.

        So it is without round trips near it, and where a jump makes it mean two instants.
        """
        second = int(there_s // 1)
        if second not in self._known:
            self._known[second] = self._offset(second + 0.5)
        return self._known[second]

    def _offset(self, there_s: float) -> Offset | None:
        fitting = [
            trips
            for trips in self._stretches
            if trips[0].there_s - BESIDE_S <= there_s <= trips[-1].there_s + BESIDE_S
        ]
        if len(fitting) != 1:
            return None
        near = [trip for trip in fitting[0] if abs(trip.there_s - there_s) <= NEAR_S]
        # half a second of drift: the instant is known to the second
        widest = [trip.offset(there_s) for trip in near]
        low_s = max((low for low, _ in widest), default=0.0) - DRIFT / 2
        high_s = min((high for _, high in widest), default=-1.0) + DRIFT / 2
        if low_s > high_s:
            return None
        return Offset((low_s + high_s) / 2, (high_s - low_s) / 2)


def _stretches(trips: Sequence[RoundTrip]) -> list[list[RoundTrip]]:
    """Split round trips where one contradicts the one before it."""
    stretches: list[list[RoundTrip]] = []
    for trip in trips:
        if stretches and _agree(stretches[-1][-1], trip):
            stretches[-1].append(trip)
        else:
            stretches.append([trip])
    return stretches


def _agree(one: RoundTrip, other: RoundTrip) -> bool:
    # how much time passed is told by our clock: theirs may have jumped
    widened_s = DRIFT * abs(other.received_s - one.sent_s)
    low_s = max(one.there_s - one.received_s, other.there_s - other.received_s)
    high_s = min(one.there_s - one.sent_s, other.there_s - other.sent_s)
    return low_s - widened_s <= high_s
