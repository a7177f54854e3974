"""What came out, held to what the reference app promises. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.model import CheckState, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.plan import Subject
    from neverblock.result import Judgement, Result


def as_expected(
    subject: Subject, judgement: Judgement, *, closed_loop: bool = False
) -> bool | None:
    """Say whether a subject got the verdict and the diagnosis that its pair promises.

    None where nothing is expected, or nothing was measured because a service is missing. Where
    the time of its work is known, the document's assertion has to agree with the verdict, but for
    a closed loop, on which it has no say.
    """
    expected = subject.expected
    if expected is None or judgement.verdict is Verdict.SKIPPED:
        return None
    agrees = (judgement.verdict, judgement.diagnosis) == (expected.verdict, expected.diagnosis)
    if subject.own_time_s is None or closed_loop:
        return agrees
    document = CheckState.PASS if expected.verdict is Verdict.PASS else CheckState.FAIL
    return agrees and judgement.checks.document is document


def hold_answers(results: Sequence[Result]) -> tuple[Result, ...]:
    """Mark those variants of one pair that answered otherwise than its first one.

    A variant that computes something else, or differs from request to request, is no replacement.
    """
    references: dict[str, tuple[str, ...]] = {}
    held = []
    for result in results:
        pair, answers = result.endpoint.pair, result.measurement and result.measurement.answers
        if pair is not None and answers:
            reference = references.setdefault(pair, answers)
            if answers != reference or len(reference) > 1:
                held.append(disagreeing(result))
                continue
        held.append(result)
    return tuple(held)


def disagreeing(result: Result) -> Result:
    """Give the same result, no longer as expected, with the reason among its notes."""
    note = "answered otherwise than the first variant of its pair, or not the same every time"
    notes = dict.fromkeys([*result.judgement.notes, note])
    judgement = replace(result.judgement, notes=tuple(notes))
    return replace(result, judgement=judgement, as_expected=False)
