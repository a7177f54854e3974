"""Stalls with the requests that ran in them in; which place held which loop, and for whom, out.

A stall may have been several requests' work, one after another: each has its piece of it. Where
in the stall a piece lies is not known, only how long it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from neverblock.analysis.blame import FRAMEWORK_NOTE, place, stands_for
from neverblock.analysis.stalls import background_s, gil_held_s, hands_over
from neverblock.model import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from neverblock.causes import Cause, CausedStall
    from neverblock.measurement import Frame, Stall
    from neverblock.result import Blame

    Key = tuple[str, int, str | None]


class Piece(NamedTuple):
    """For how long one place held the loop of one process, in one stall, for one request.

    ``place`` is its index among the places. ``cause`` is None where the request is not known, and
    for background work.
    """

    pid: int
    start_s: float
    end_s: float
    held_s: float
    place: int
    diagnosis: Diagnosis
    background: bool
    cause: Cause | None


class Places:
    """The places that held a loop, each once, with how long it did so in sum."""

    def __init__(self) -> None:
        """Start with none."""
        self._by_stack: dict[tuple[tuple[Frame, ...], Diagnosis], int] = {}
        self._by_key: dict[Key, int] = {}
        self.found: list[Blame] = []

    def add(self, frames: tuple[Frame, ...], diagnosis: Diagnosis, held_s: float) -> int:
        """Take a stack that held a loop; give the index of its place."""
        index = self._by_stack.get((frames, diagnosis))
        if index is None:
            found = place(frames, diagnosis, None)
            call = None if found.note == FRAMEWORK_NOTE else found.call
            key = found.file, found.line, call
            index = self._by_key.setdefault(key, len(self.found))
            if index == len(self.found):
                self.found.append(found)
            self._by_stack[frames, diagnosis] = index
        self.found[index] = replace(self.found[index], held_s=self.found[index].held_s + held_s)
        return index

    def merged(self) -> dict[int, int]:
        """Say which place stands for each that was seen at no call: the heaviest of its line."""
        heaviest = sorted(range(len(self.found)), key=lambda at: -self.found[at].held_s)
        return {
            at: next(
                (
                    other
                    for other in heaviest
                    if self.found[other].call is not None
                    and stands_for(self.found[at], self.found[other])
                ),
                at,
            )
            for at in heaviest
        }


def held(stalls: Iterable[CausedStall]) -> tuple[list[Blame], list[Piece]]:
    """Give the places that held the loops, and all pieces by the index of their place.

    What the collector, the machine and the loop itself took is no place's, and no wait that may
    have been one for the GIL.
    """
    places = Places()
    pieces = [piece for each in stalls for piece in _pieces(each, places)]
    standing = places.merged()
    return places.found, [piece._replace(place=standing[piece.place]) for piece in pieces]


def _pieces(caused: CausedStall, places: Places) -> Iterator[Piece]:
    stall = caused.stall
    when = stall.pid, stall.start_s, stall.start_s + stall.length_s
    sampled = list(zip(stall.stacks, caused.causes, strict=True))
    waited_s, computed_s = stall.off_cpu_s - stall.unsure_s, stall.on_cpu_s - stall.gc_s
    for on_cpu, total_s in ((False, waited_s), (True, computed_s)):
        # where no sample fell into a kind of time, all samples of the stall speak for it
        alike = [each for each in sampled if each[0].on_cpu == on_cpu] or sampled
        weight_s = sum(stack.weight_s for stack, _ in alike)
        diagnosis = Diagnosis.BLOCKING_CPU if on_cpu else Diagnosis.BLOCKING_IO
        for stack, cause in alike:
            held_s = total_s * stack.weight_s / weight_s if weight_s else 0.0
            if held_s > 0 and stack.frames and not hands_over(stack):
                index = places.add(stack.frames, diagnosis, held_s)
                yield Piece(*when, held_s, index, diagnosis, stack.background, cause)
    yield from _kept_gil(stall, places)


def _kept_gil(stall: Stall, places: Places) -> Iterator[Piece]:
    """Yield what another thread held the loop for, where it was seen at it."""
    holder = stall.culprit
    if holder is None or not holder.frames:
        return
    background = holder.background
    held_s = stall.gil_held_s if background else gil_held_s(stall)
    if held_s <= 0 or (background and background_s(stall) <= 0):
        return
    index = places.add(holder.frames, Diagnosis.GIL_HELD, held_s)
    when = stall.pid, stall.start_s, stall.start_s + stall.length_s
    yield Piece(*when, held_s, index, Diagnosis.GIL_HELD, background, None)
