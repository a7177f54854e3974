"""What comes first of some results: by verdict, then by the harm done to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.model import Verdict

if TYPE_CHECKING:
    from neverblock.result import Result

WORST_FIRST = (
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.ERROR,
    Verdict.SKIPPED,
    Verdict.PASS,
)


def others_wait_s(result: Result) -> float:
    """Give how long any other request had to wait, in seconds; 0 where nothing is known of it.

    Of an endpoint that gave no answer it is known how long it held the loop, from all others.
    """
    if result.measurement is None:
        return max((place.held_s for place in result.blame), default=0.0)
    return result.measurement.canary.longest_s


def urgency(result: Result) -> tuple[int, float]:
    """Give what to sort results by, the worst first."""
    return WORST_FIRST.index(result.judgement.verdict), -others_wait_s(result)
