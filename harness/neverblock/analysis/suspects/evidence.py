"""What a run saw of single lines: how long each held the loop, where, by which finding. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neverblock.analysis.blame import shares
from neverblock.analysis.codes import code_of
from neverblock.analysis.demands import RESOLUTION_S
from neverblock.model import Diagnosis
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from neverblock.measurement import Frame, Stall
    from neverblock.result import Blame, Result, Run

Line = tuple[str, int]
"""A file, as a run writes it, and a line of it."""

HOLDING = (Diagnosis.BLOCKING_IO, Diagnosis.BLOCKING_CPU, Diagnosis.GIL_HELD)
"""The ways in which a line may hold the loop: it waits, it computes, it keeps the GIL."""

WAITING = tuple(way for way in HOLDING if way is not Diagnosis.BLOCKING_CPU)
"""Those that the line's own CPU time says nothing of."""


@dataclass(frozen=True, slots=True)
class Hold:
    """That a line, or one that it calls, held the loop: in which endpoint, and for how long.

    ``held_s`` is per request, ``longest_s`` at once; ``waited_s`` and ``longest_wait_s`` are what
    of these was no computing. ``code`` is of the finding that names the line, None where it only
    lies on the way. ``endpoint`` is None where no request ran it.
    """

    endpoint: str | None
    held_s: float
    longest_s: float
    code: str | None = None
    said: str = ""
    waited_s: float = 0.0
    longest_wait_s: float = 0.0

    @property
    def waiting(self) -> Hold:
        """What is left of it where the line is known not to compute."""
        said, code = (self.said, self.code) if self.waited_s else ("", None)
        return replace(
            self, held_s=self.waited_s, longest_s=self.longest_wait_s, code=code, said=said
        )

    @property
    def counts(self) -> bool:
        """Whether it is more than the probe resolves, or a finding."""
        return bool(self.said) or self.held_s > RESOLUTION_S


def holds_by_line(run: Run, named: Callable[[str], str]) -> dict[Line, list[Hold]]:
    """Give what each line of a run held. ``named`` gives a sampled file as the run writes files."""
    holds: dict[Line, list[Hold]] = defaultdict(list)
    for result in run.results:
        for line, hold in (*_blamed(result), *_sampled(result, named)):
            holds[line].append(hold)
    for background in run.background:
        held = seconds(background.held_s)
        said = f"holds the loop for {held} at a time while no request runs it"
        hold = Hold(None, background.held_s, background.held_s, said=said)
        for line in lines_of(background.place):
            holds[line].append(hold)
    return holds


def lines_of(place: Blame) -> set[Line]:
    """Give every line on the way to a blamed call, with its own."""
    on_the_way = {line for frame in place.path for line in _lines(frame)}
    return {(place.file, place.line), *on_the_way}


def _blamed(result: Result) -> Iterator[tuple[Line, Hold]]:
    """Yield the lines of a result's findings."""
    name = result.endpoint.name
    code = code_of(result.judgement.diagnosis)
    for place in result.blame:
        said = f"held the loop for {seconds(place.held_s)} a request on average"
        waited_s = 0.0 if place.on_cpu else place.held_s
        named = code.code if code else None
        hold = Hold(name, place.held_s, place.held_s, named, said, waited_s, waited_s)
        yield from ((line, hold) for line in lines_of(place))
    if (seldom := result.seldom) is not None:
        said = f"held the loop for {seconds(seldom.held_s)} in {seldom.which}"
        waited_s = 0.0 if seldom.place.on_cpu else seldom.held_s
        hold = Hold(name, seldom.held_s, seldom.held_s, None, said, waited_s, waited_s)
        yield from ((line, hold) for line in lines_of(seldom.place))


def _sampled(result: Result, named: Callable[[str], str]) -> Iterator[tuple[Line, Hold]]:
    """Yield what each sampled line held in the burst, whether or not that is a finding."""
    m = result.measurement
    if m is None or m.loop is None:
        return
    requests = max(1, m.requests)
    stalls = [_held(stall, named, HOLDING) for stall in m.loop.stalls]
    waits = [_held(stall, named, WAITING) for stall in m.loop.stalls]
    for line in dict.fromkeys(line for held in stalls for line in held):
        each, waited = ([held.get(line, 0.0) for held in kind] for kind in (stalls, waits))
        yield (
            line,
            Hold(
                result.endpoint.name,
                sum(each) / requests,
                max(each),
                waited_s=sum(waited) / requests,
                longest_wait_s=max(waited),
            ),
        )


def _held(
    stall: Stall, named: Callable[[str], str], ways: Iterable[Diagnosis]
) -> dict[Line, float]:
    """Give the seconds for which each line was on a stack that held the loop in one stall."""
    held: dict[Line, float] = defaultdict(float)
    for diagnosis in ways:
        for stack, held_s in shares(stall, diagnosis):
            for file, line in {line for frame in stack.frames for line in _lines(frame)}:
                held[named(file), line] += held_s
    return held


def _lines(frame: Frame) -> Iterable[Line]:
    """Give the lines that the expression of a frame goes over."""
    return ((frame.file, line) for line in range(frame.line, (frame.end_line or frame.line) + 1))
