"""A ceiling before and after its limit was moved in; whether it followed out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.capacity.level import SURE
from neverblock.result.capacity import Limit, Proof, ProofVerdict

if TYPE_CHECKING:
    from neverblock.analysis.capacity.plateau import Plateau

FOLLOWED = 0.5
"""A ceiling follows where it moves by more than half of what it should: the rest is the next limit,
which a prediction knows to a fifth, and half is the middle between following and staying."""

HOW = {
    Limit.LOOP_WAITING: "make the call that waits asynchronous: `neverblock check` names its line",
    Limit.LOOP_COMPUTING: "serve by more workers, and measure again",
    Limit.GIL: "serve by more workers, and measure again",
    Limit.CORES: "run on a machine with more cores",
    Limit.RATE_LIMIT: 'name its rate: raise = { "rate-limit" = "NAME=VALUE" }',
    Limit.UPSTREAM: 'name it: raise = { upstream = "NAME=VALUE" }, or raise it there',
    Limit.UNKNOWN: "nothing that the probe sees is in use all the time",
    Limit.GENERATOR: "make the load by more than one process: `neverblock load`",
}
OWN = (
    "name the variable that sets its size: "
    '[tool.neverblock.capacity] raise = {{ {name} = "NAME=VALUE" }}'
)


NOT_ASKED = Proof(ProofVerdict.NOT_TRIED)
OUTSIDE = Proof(
    ProofVerdict.NOT_TRIED, how="serve the app here, with the probe: neverblock capacity main:app"
)
TOO_LATE = Proof(ProofVerdict.NOT_TRIED, how="give it more time: that of --for was over before")
NOT_TOLD = (
    "the intervals allow both that it follows and that it stays: measure on a quieter machine"
)
BUSY = "others had the CPU that it would have taken: measure on a quieter machine"
NEXT_IS_NEAR = "the next limit lies as near, so that the ceiling could not follow"


def not_tried(limit: Limit, why: str = "") -> Proof:
    """Give the proof that nobody tried, and how to."""
    how = HOW.get(limit) or OWN.format(name=limit.value)
    return Proof(ProofVerdict.NOT_TRIED, how=f"{why}{how}")


def expected(ceiling_per_s: float, ratio: float, next_per_s: float | None) -> float:
    """Give the ceiling to expect where a limit is moved by a ratio: no more than the next one."""
    moved = ceiling_per_s * ratio
    return moved if next_per_s is None or ratio < 1 else max(ceiling_per_s, min(moved, next_per_s))


def proven(
    moved: str,
    sizes: tuple[float, float],
    before: Plateau,
    after: Plateau,
    wanted: float,
    *,
    busy: bool = False,
) -> Proof:
    """Say whether a ceiling followed the limit, moved from one size to another.

    It is confirmed where it moved by more than half of what was expected at both ends of the two
    intervals, and refuted where at neither. Else nobody can tell: then it counts as not tried. So
    it does where it stayed on a ``busy`` machine, where others had the CPU that it takes to rise.
    """
    should = wanted - before.per_s
    ends = (after.low - before.high, after.high - before.low)
    followed = {abs(should) > 0 and did / should > FOLLOWED for did in ends}
    verdict, why = ProofVerdict.NOT_TRIED, NOT_TOLD
    if abs(should) <= SURE * before.per_s:
        why = NEXT_IS_NEAR
    elif len(followed) == 1:
        verdict, why = ProofVerdict.CONFIRMED if True in followed else ProofVerdict.REFUTED, ""
    if busy and verdict is ProofVerdict.REFUTED and should > 0:
        verdict, why = ProofVerdict.NOT_TRIED, BUSY
    return Proof(verdict, moved, *sizes, after.per_s, wanted, why)
