"""The exit code of a run: one pure function from what was found to what the shell is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import ExitCode
from harness.model import Verdict

if TYPE_CHECKING:
    from harness.result import Result, Run

UNMEASURED = {Verdict.ERROR, Verdict.INCONCLUSIVE}


def failed(result: Result) -> bool:
    """Say whether a result is a failure: not as promised, or failing where nothing was promised."""
    if result.as_expected is not None:
        return not result.as_expected and result.judgement.verdict not in UNMEASURED
    return result.expected is None and result.judgement.verdict is Verdict.FAIL


def unmeasured(result: Result, *, require_all: bool) -> bool:
    """Say whether a result is missing: an absent measurement never passes."""
    verdict = result.judgement.verdict
    return verdict in UNMEASURED or (require_all and verdict is Verdict.SKIPPED)


def exit_code(run: Run, *, require_all: bool = False) -> ExitCode:
    """Decide. With ``require_all`` a skipped endpoint counts as one that could not be measured."""
    if run.interrupted:
        return ExitCode.INTERRUPTED
    if any(failed(result) for result in run.results):
        return ExitCode.FAILED
    measured = [r for r in run.results if r.judgement.verdict is not Verdict.SKIPPED]
    if not measured or any(unmeasured(r, require_all=require_all) for r in run.results):
        return ExitCode.NOT_MEASURED
    return ExitCode.OK
