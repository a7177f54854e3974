"""Stalls in; what held the loop for no request, by its line, out. Pure.

A periodic task, a hook at the start that goes on, a thread of the app's own: no endpoint is to
blame for them, and every endpoint suffers.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from neverblock.analysis.blame import place
from neverblock.analysis.stalls import background_s, gil_held_s, hands_over
from neverblock.model import Diagnosis
from neverblock.result import Background

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.measurement import Stack, Stall
    from neverblock.result import Blame, Criterion


def background_holds(stalls: Sequence[Stall], criterion: Criterion) -> tuple[Background, ...]:
    """Give each line that held the loop for longer than the limit while no request ran it.

    The worst first, with how often it was seen, for how long each time (the median, in seconds),
    and the time from one to the next where it came more than once.
    """
    seen: dict[tuple[str, int], list[tuple[Stall, Blame, float]]] = defaultdict(list)
    for stall in sorted(stalls, key=lambda s: s.start_s):
        held_s = background_s(stall)
        if held_s > criterion.loop_limit_s and (found := _place(stall)):
            seen[found.file, found.line].append((stall, found, held_s))
    holds = [_hold(each) for each in seen.values()]
    return tuple(sorted(holds, key=lambda hold: -hold.held_s * hold.times))


def _hold(seen: Sequence[tuple[Stall, Blame, float]]) -> Background:
    starts_s = [stall.start_s for stall, *_ in seen]
    apart_s = [later - earlier for earlier, later in pairwise(starts_s)]
    return Background(
        place=seen[0][1],
        times=len(seen),
        held_s=median(held_s for *_, held_s in seen),
        every_s=median(apart_s) if apart_s else None,
    )


def _place(stall: Stall) -> Blame | None:
    """Give the line that held the loop for the longest part of a stall, of those in background."""
    holder = stall.culprit
    if holder is not None and holder.background and gil_held_s(stall) == 0.0 < stall.gil_held_s:
        return place(holder.frames, Diagnosis.GIL_HELD, None) if holder.frames else None
    stacks = [s for s in stall.stacks if s.background and s.frames and not hands_over(s)]
    if not stacks:
        return None
    weights: dict[tuple[str, int], float] = defaultdict(float)
    for stack in stacks:
        weights[_line(stack)] += stack.weight_s
    worst = max(weights, key=lambda line: weights[line])
    heaviest = max((s for s in stacks if _line(s) == worst), key=lambda s: s.weight_s)
    diagnosis = Diagnosis.BLOCKING_CPU if heaviest.on_cpu else Diagnosis.BLOCKING_IO
    return place(heaviest.frames, diagnosis, None)


def _line(stack: Stack) -> tuple[str, int]:
    frame = next((f for f in stack.frames if f.owner == "project"), stack.frames[0])
    return frame.file, frame.line
