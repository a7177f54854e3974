"""What is wrong with a run as a whole: it is not whole, it measured too little, its load. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.errors import ExitCode
from neverblock.gate.load import load_failures
from neverblock.gate.ratio import against_sentence
from neverblock.gate.reason import Reason
from neverblock.model import Verdict
from neverblock.units import percent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from neverblock.gate.policy import Policy
    from neverblock.result import Load, Run

UNMEASURED = {Verdict.ERROR, Verdict.INCONCLUSIVE}
NOTHING = "Nothing was measured."


def of_run(run: Run) -> Iterator[Reason]:
    """Yield what is wrong with the run as a whole."""
    if run.interrupted:
        yield Reason("The run was interrupted, so that it is not whole.", ExitCode.INTERRUPTED)
    if run.load is not None:
        yield from of_load(run, run.load)
    elif run.capacity:
        yield from of_capacity(run)
    elif all(result.judgement.verdict is Verdict.SKIPPED for result in run.results):
        yield Reason(NOTHING, ExitCode.NOT_MEASURED)
    probed = any(result.measurement and result.measurement.loop for result in run.results)
    if probed and not (run.control and run.control.seen):
        complaint = (run.control and run.control.complaint) or "there was none"
        what = f"The probe failed its positive control, so that no verdict counts: {complaint}."
        yield Reason(what, ExitCode.NOT_MEASURED)


def of_nothing(run: Run, reasons: Collection[Reason]) -> Iterator[Reason]:
    """Yield that nothing was measured, where a policy excuses all of it: it may excuse some."""
    missing = {Verdict.ERROR, Verdict.SKIPPED}
    whole = run.load is not None or run.capacity
    measured = whole or any(r.judgement.verdict not in missing for r in run.results)
    if not (reasons or measured):
        yield Reason(NOTHING, ExitCode.NOT_MEASURED)


def of_load(run: Run, load: Load) -> Iterator[Reason]:
    """Yield why a load could not be measured, or that it fails by no line and by no threshold."""
    if load.verdict in UNMEASURED:
        yield Reason(load.reason, ExitCode.NOT_MEASURED)
    broken = any(each.verdict is Verdict.FAIL for each in load.thresholds)
    if load.verdict is Verdict.FAIL and not (broken or load_failures(run)):
        yield Reason(load.reason, ExitCode.FAILED)


def of_capacity(run: Run) -> Iterator[Reason]:
    """Yield the endpoints of which no level could be measured, and those below their base."""
    for each in run.capacity:
        if not each.levels:
            why = f"could not be measured: {each.reason}"
            yield Reason(why, ExitCode.NOT_MEASURED, each.endpoint)
        elif each.against is not None and each.against.failed:
            yield Reason(against_sentence(each.against), ExitCode.FAILED, each.endpoint)
        elif each.against is not None and each.against.unmeasured:
            yield Reason(against_sentence(each.against), ExitCode.NOT_MEASURED, each.endpoint)


def of_coverage(run: Run, policy: Policy) -> Iterator[Reason]:
    """Yield that too few of the app's routes were asked, or that nobody knows how many."""
    if policy.coverage is None:
        return
    required = f"{percent(policy.coverage)} are required ([tool.neverblock] coverage)"
    if run.coverage is None:
        what = f"How many of the app's routes were asked is not known, and {required}."
        yield Reason(what, ExitCode.NOT_MEASURED)
    elif run.coverage.share < policy.coverage:
        asked = f"{run.coverage.asked} of {run.coverage.routes} routes were asked"
        yield Reason(f"{asked} ({percent(run.coverage.share)}), and {required}.", ExitCode.FAILED)
