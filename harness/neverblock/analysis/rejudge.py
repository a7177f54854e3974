"""A saved run, judged again by other limits, without firing a request. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.analysis.blame import blame
from neverblock.analysis.canary_figures import canary_figures
from neverblock.analysis.expectation import hold_answers
from neverblock.analysis.hollow import hollow_note
from neverblock.analysis.judge import judge
from neverblock.errors import UsageError
from neverblock.model import JUDGED
from neverblock.result import JUDGED_AGAIN_FROM

if TYPE_CHECKING:
    from neverblock.measurement import Measurement
    from neverblock.result import Blame, Criterion, Judgement, Result, Run


def rejudge(run: Run, criterion: Criterion) -> Run:
    """Give the same run as the new limits judge it.

    Limits of an endpoint's own are not saved, so that these are for all. What was inconclusive,
    failed or skipped stays so: other limits bring back no figure. Places
    to blame for a new diagnosis are those of the burst, whose stalls are saved, without source
    lines and relative to nothing (``neverblock.storage.source_lines.located`` adds these).
    Raises UsageError for a run whose format lacks the figures that judging needs, and for a load,
    of which the holds below its own limit are not kept one by one.
    """
    if run.load is not None:
        raise UsageError(
            "A load cannot be judged again by another limit: what held the loop for less is not "
            "kept.",
            "Make it again: neverblock load ... --loop-limit, or leave out `--loop-limit` here.",
        )
    if run.format_version < JUDGED_AGAIN_FROM:
        raise UsageError(
            f"This run was saved by an earlier neverblock (format {run.format_version}), whose "
            "figures cannot be judged by other limits.",
            "Measure again, or leave out `--loop-limit`: its own verdicts can be used as they are.",
        )
    share = criterion.document_limit_s / run.criterion.document_limit_s
    results = [_again(result, criterion, share) for result in run.results]
    for scenario in dict.fromkeys(result.scenario for result in results):
        places = [at for at, result in enumerate(results) if result.scenario == scenario]
        held = hold_answers([results[at] for at in places])
        for at, result in zip(places, held, strict=True):
            results[at] = result
    return replace(run, criterion=criterion, results=tuple(results))


def _again(result: Result, criterion: Criterion, share: float) -> Result:
    """Judge one result; ``share`` is what the document's limit is of what it was."""
    if result.measurement is None or result.judgement.verdict not in JUDGED:
        return result
    # Only right answers got a verdict, whatever was named as right for this endpoint.
    accepted = tuple(map(int, result.measurement.statuses))
    limit_s = result.measurement.limit_s * share
    own = replace(criterion, document_limit_s=limit_s, accepted=accepted)
    measurement = _figures(result, result.measurement, own)
    judgement = judge(measurement, own)
    if note := hollow_note(result):
        judgement = replace(judgement, notes=(*judgement.notes, note))
    return replace(
        result,
        measurement=measurement,
        judgement=judgement,
        as_expected=_as_expected(result, judgement),
        blame=_blame(result, measurement, judgement),
    )


def _figures(result: Result, measurement: Measurement, criterion: Criterion) -> Measurement:
    """Give the same figures, but for those that a limit goes into.

    The share of the solo canary stays: the solo requests, whose window it needs, are not saved.
    """
    records, canary = result.records, measurement.canary
    if records and canary.pings:
        window = (min(r.sent_s for r in records), max(r.done_s for r in records))
        limit_s = criterion.loop_limit_s
        canary = canary_figures(canary.pings, canary.interval_s, window, limit_s)
    return replace(measurement, canary=canary, limit_s=criterion.document_limit_s)


def _as_expected(result: Result, judgement: Judgement) -> bool | None:
    """Hold the new judgement to the promise, never more kindly than the run itself did.

    Where verdict and diagnosis were right already, what else was wrong is still wrong; and the
    document's check has to say what it said, since the run does not tell whose say it has.
    """
    if (expected := result.expected) is None or result.as_expected is None:
        return result.as_expected
    promised = (expected.verdict, expected.diagnosis)
    if (judgement.verdict, judgement.diagnosis) != promised:
        return False
    was = result.judgement
    if (was.verdict, was.diagnosis) != promised:
        return True
    return result.as_expected and judgement.checks.document is was.checks.document


def _blame(result: Result, measurement: Measurement, judgement: Judgement) -> tuple[Blame, ...]:
    """Keep the places where the diagnosis is the same; else look for them in the burst."""
    if judgement.diagnosis is result.judgement.diagnosis or measurement.loop is None:
        return result.blame
    return blame(measurement.loop.stalls, judgement.diagnosis, requests=measurement.requests)
