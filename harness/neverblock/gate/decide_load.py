"""Why a load fails the gate, line by line and threshold by threshold, and what is tolerated. Pure.

A known line is tolerated as a known endpoint of a check is: by an allow, or as it is no worse than
in the baseline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.errors import ExitCode
from neverblock.gate.allowed import allowed, ended, finding_allowed, finding_allows
from neverblock.gate.change import Change
from neverblock.gate.load import load_failures, load_place
from neverblock.gate.policy import FailOn
from neverblock.gate.reason import Reason
from neverblock.gate.threshold import threshold_sentence
from neverblock.model import Verdict
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from neverblock.gate.compare_load import LoadComparison
    from neverblock.gate.policy import Policy
    from neverblock.gate.reason import Reasoned
    from neverblock.result import LoadFinding, LoadThreshold, Run

KNOWN = {Change.SAME, Change.BETTER}


def load_reasons(
    run: Run, policy: Policy, today: date, baseline: LoadComparison | None
) -> Iterator[Reasoned]:
    """Yield a reason for each line and each threshold that fails the run's load."""
    if policy.fail_on is not FailOn.NEW:
        baseline = None
    for found in load_failures(run):
        over = ended(finding_allows(policy, found), today)
        allow = finding_allowed(policy, found, today)
        known = over is None and _is_known(found, baseline)
        over = over or _why_new(baseline)
        excuse = allowed(allow) if allow else "it is no worse than in the baseline"
        yield _of_finding(found), excuse if allow or known else None, over
    for threshold in run.load.thresholds if run.load else ():
        if threshold.verdict is Verdict.FAIL:
            reason = Reason(threshold_sentence(threshold), ExitCode.FAILED, threshold.endpoint)
            known = _was_broken(threshold, baseline)
            yield reason, "it was not kept in the baseline either" if known else None, None


def _of_finding(found: LoadFinding) -> Reason:
    held = f"held the event loop for up to {seconds(found.longest_s)}, {found.holds} times"
    return Reason(held, ExitCode.FAILED, code=found.code, line=load_place(found))


def _why_new(baseline: LoadComparison | None) -> str | None:
    """Say why a line counts though only what is new shall; None where its change says it."""
    if baseline is None or not baseline.unmeasured:
        return None
    return (
        "counts as new: the baseline's load has no verdict; make a new baseline where it is known"
    )


def _is_known(found: LoadFinding, baseline: LoadComparison | None) -> bool:
    changes = baseline.findings if baseline else ()
    return any(each.head == found and each.change in KNOWN for each in changes)


def _was_broken(threshold: LoadThreshold, baseline: LoadComparison | None) -> bool:
    """Say whether the baseline broke the same limit; what was not measured is no known failure."""
    same = threshold.endpoint, threshold.figure, threshold.limit
    broken = baseline.broken if baseline and threshold.value is not None else ()
    return any((each.endpoint, each.figure, each.limit) == same for each in broken)
