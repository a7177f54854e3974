"""A ceiling before and after its limit was moved in; whether it followed out. Pure."""

from __future__ import annotations

from neverblock.result.capacity import Limit, Proof, ProofVerdict

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


def not_tried(limit: Limit, why: str = "") -> Proof:
    """Give the proof that nobody tried, and how to."""
    how = HOW.get(limit) or OWN.format(name=limit.value)
    return Proof(ProofVerdict.NOT_TRIED, how=f"{why}{how}")


def expected(ceiling_per_s: float, ratio: float, next_per_s: float | None) -> float:
    """Give the ceiling to expect where a limit is moved by a ratio: no more than the next one."""
    moved = ceiling_per_s * ratio
    return moved if next_per_s is None or ratio < 1 else max(ceiling_per_s, min(moved, next_per_s))


def proven(
    moved: str, sizes: tuple[float, float], before_per_s: float, after_per_s: float, wanted: float
) -> Proof:
    """Say whether a ceiling followed the limit, moved from one size to another.

    It is refuted where it stayed, or moved by less than half of what was expected.
    """
    should = wanted - before_per_s
    did = after_per_s - before_per_s
    follows = abs(should) > 0 and did / should > FOLLOWED
    verdict = ProofVerdict.CONFIRMED if follows else ProofVerdict.REFUTED
    return Proof(verdict, moved, *sizes, after_per_s, wanted)
