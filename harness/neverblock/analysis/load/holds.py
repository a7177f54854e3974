"""Stalls with the requests that ran in them in; which place held which loop, and for whom, out.

A stall may have been several requests' work, one after another: each has its piece of it. Where
in the stall a piece lies is not known, only how long it was.
"""

from __future__ import annotations

from collections import defaultdict
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

    Key = tuple[str, int, str]
    Seen = tuple[str | None, Diagnosis]


class Piece(NamedTuple):
    """For how long one place held the loop of one process, in one stall, for one request.

    ``place`` is its index among the places. ``cause`` is None where the request is not known, and
    for background work. ``call`` is what was called there, None where that is not known.
    """

    pid: int
    start_s: float
    end_s: float
    held_s: float
    place: int
    diagnosis: Diagnosis
    background: bool
    cause: Cause | None
    call: str | None = None


class Places:
    """The lines that held a loop, each once, with how long it did so in sum."""

    def __init__(self) -> None:
        """Start with none."""
        self._by_stack: dict[tuple[tuple[Frame, ...], Diagnosis], tuple[int, str | None]] = {}
        self._by_key: dict[Key, int] = {}
        self._held_s: list[dict[Seen, float]] = []
        self._at: list[dict[Seen, Blame]] = []

    def add(
        self, frames: tuple[Frame, ...], diagnosis: Diagnosis, held_s: float
    ) -> tuple[int, str | None]:
        """Take a stack that held a loop; give the index of its place, and the call there."""
        found = self._by_stack.get((frames, diagnosis))
        if found is None:
            found = self._by_stack[frames, diagnosis] = self._found(frames, diagnosis)
        index, call = found
        self._held_s[index][call, diagnosis] += held_s
        return found

    def _found(self, frames: tuple[Frame, ...], diagnosis: Diagnosis) -> tuple[int, str | None]:
        at = place(frames, diagnosis, None)
        call = None if at.note == FRAMEWORK_NOTE else at.target or at.call
        index = self._by_key.setdefault((at.file, at.line, at.function), len(self._at))
        if index == len(self._at):
            self._at.append({})
            self._held_s.append(defaultdict(float))
        self._at[index].setdefault((call, diagnosis), at)
        return index, call

    @property
    def found(self) -> list[Blame]:
        """The places, each as the heaviest of its calls has it; those that are known go first."""
        made = []
        for at, held_s in zip(self._at, self._held_s, strict=True):
            heaviest = max(held_s, key=lambda seen: (seen[0] is not None, held_s[seen]))
            made.append(replace(at[heaviest], held_s=sum(held_s.values())))
        return made

    def merged(self) -> dict[int, int]:
        """Say which place stands for each that was seen at no call: the heaviest of its body."""
        found = self.found
        heaviest = sorted(range(len(found)), key=lambda at: -found[at].held_s)
        return {
            at: next(
                (
                    other
                    for other in heaviest
                    if found[other].call is not None and stands_for(found[at], found[other])
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
                index, call = places.add(stack.frames, diagnosis, held_s)
                yield Piece(*when, held_s, index, diagnosis, stack.background, cause, call)
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
    index, call = places.add(holder.frames, Diagnosis.GIL_HELD, held_s)
    when = stall.pid, stall.start_s, stall.start_s + stall.length_s
    yield Piece(*when, held_s, index, Diagnosis.GIL_HELD, background, None, call)
