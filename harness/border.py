"""Which verdicts hang on a figure that is too near its limit to be told. Pure.

Near is what the samples themselves leave open: where too many of the single requests, or of the
rounds, lie on the other side of the limit than the figure that was judged. Nothing here is a share
of the limit, so that a steady figure just below it is told at once, and a restless one is not.
"""

from __future__ import annotations

from dataclasses import replace
from math import comb
from typing import TYPE_CHECKING

from harness.diagnose import RESOLUTION_S, overlaps
from harness.measure import each_solo, holds, net_wall_s
from harness.model import CheckState, Diagnosis, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.measure import Round, Solo
    from harness.result import Criterion, Judgement, Measurement

DOUBT = 0.125
"""The chance of the sign test up to which samples speak clearly: three of three, six of seven."""

CLEAR = 2.0
"""A single round, which has no spread, is clear at this many times the limit, or one part of it."""


def near(
    solo: Solo,
    rounds: Sequence[Round],
    measurement: Measurement,
    judgement: Judgement,
    criterion: Criterion,
) -> str | None:
    """Say which figure is too near its limit for the verdict to be told, or None where it is clear.

    A failure that is clear by one figure needs no other. Only pass and fail can be near.
    """
    if judgement.verdict not in {Verdict.PASS, Verdict.FAIL}:
        return None
    doubts = [*_loop_doubts(solo, rounds, measurement, criterion)]
    if any(not doubt for doubt in doubts):
        return None
    doubts += _wall_doubts(solo, rounds, measurement, judgement, criterion)
    if any(not doubt for doubt in doubts):
        return None
    return "; ".join(doubts) or None


def few(against: int, of: int) -> bool:
    """Say whether so few of the samples lie across a limit that their median is on this side of it.

    The sign test (Dixon and Mood, "The statistical sign test", JASA 41, 1946): the chance that as
    few do while the median is on the other side; no distribution is assumed.
    """
    return sum(comb(of, k) for k in range(against + 1)) / 2**of <= DOUBT


def _doubt(samples: Sequence[float], limit: float, what: str) -> Iterator[str]:
    """Yield nothing where samples are clearly within the limit, "" where clearly over, or why not.

    ``what`` has places for the smallest and the largest of them.
    """
    over = sum(sample > limit for sample in samples)
    if few(len(samples) - over, len(samples)):
        yield ""
    elif not few(over, len(samples)):
        yield what.format(min(samples), max(samples))
