"""The gate: one function from a run and a policy to a decision with its reasons. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from neverblock.analysis.blame import written_place
from neverblock.analysis.codes import code_of
from neverblock.analysis.one_line import in_one_line
from neverblock.analysis.urgency import urgency
from neverblock.analysis.waiting import waited_at
from neverblock.errors import ExitCode
from neverblock.gate.allowed import allowed, ended, lines_allowed, matches, names_line
from neverblock.gate.background import background_code, over_limit, place_name
from neverblock.gate.change import Change
from neverblock.gate.changes import left_out_sentence
from neverblock.gate.compare import Difference, fails_unsurely
from neverblock.gate.decide_load import load_reasons
from neverblock.gate.load import load_failures, load_place
from neverblock.gate.not_comparable import why_new
from neverblock.gate.policy import FailOn, Policy
from neverblock.gate.reason import Reason
from neverblock.gate.whole_run import UNMEASURED, of_coverage, of_nothing, of_run
from neverblock.model import Verdict
from neverblock.result import Blame
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from neverblock.gate.compare import Comparison
    from neverblock.gate.compare_load import EndpointDifference
    from neverblock.gate.reason import Reasoned
    from neverblock.model import Diagnosis
    from neverblock.result import Background, Result, Run

PRECEDENCE = (ExitCode.INTERRUPTED, ExitCode.FAILED, ExitCode.NOT_MEASURED)
"""Of several reasons, the first of these is the exit code."""

STILL_UNSURE = "it fails in the baseline, and nothing that was measured here is worse"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate decided: ``reasons`` fail it, and without one it passes.

    ``tolerated`` would have failed it but for the policy or the baseline, each saying which.
    ``warnings`` are sentences for whoever keeps the policy.
    """

    reasons: tuple[Reason, ...]
    tolerated: tuple[Reason, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the process."""
        codes = {reason.exit_code for reason in self.reasons}
        return next((code for code in PRECEDENCE if code in codes), ExitCode.OK)


def decide(
    run: Run, policy: Policy, *, today: date, baseline: Comparison | None = None
) -> Decision:
    """Decide whether a run passes. ``baseline`` sets this run beside an earlier one.

    An allow holds until the day before it expires. Where only what is worse shall fail and there is
    no baseline, every failure counts: nothing that is absent passes.
    """
    before = {(d.endpoint, d.scenario): d for d in baseline.differences} if baseline else {}
    asked = baseline.load.endpoints if baseline and baseline.load else ()
    gone = [
        replace(r, excuse=policy.excuse_of_missing(r.endpoint or ""))
        for r in (*of_gone(before.values()), *of_gone(asked))
    ]
    counted = [reason for reason in gone if reason.excuse is None]
    reasons = [*of_run(run), *of_coverage(run, policy), *counted]
    tolerated = [reason for reason in gone if reason.excuse is not None]
    warnings = list(of_allows(run, policy))
    if baseline is not None and baseline.left_out:
        warnings.append(left_out_sentence(baseline.left_out))
    if baseline is None and policy.fail_on is FailOn.NEW:
        warnings.append("There is no baseline: every failure counts, known or new.")
    for result in sorted(run.results, key=urgency):
        difference = before.get((result.endpoint.name, result.scenario.name))
        reason = of_result(result, policy, difference)
        if reason is None:
            if difference is not None and difference.change is Change.WORSE:
                warnings.append(
                    f"{result.endpoint.name} is worse than in the baseline, and passes."
                )
        elif excuse := excused(result, policy, difference, today):
            tolerated.append(replace(_because(reason, excuse), excuse=excuse))
        else:
            why = expired(result, policy, today) or why_new(result, policy, difference)
            reasons.append(_because(reason, why))
    for reason, excuse, over in (
        *background_reasons(run, policy, today, baseline),
        *load_reasons(run, policy, today, baseline.load if baseline else None),
    ):
        if excuse:
            tolerated.append(replace(_because(reason, excuse), excuse=excuse))
        else:
            reasons.append(_because(reason, over))
    reasons += of_nothing(run, reasons)
    return Decision(tuple(reasons), tuple(tolerated), tuple(warnings))


def exit_code(run: Run) -> ExitCode:
    """Give what a run comes to by itself: what was not excused when it was made fails."""
    excuses = {(r.endpoint.name, r.scenario.name) for r in run.results if r.excuse is not None}
    lines = {place_name(hold) for hold in run.background if hold.excuse is not None}
    lines |= {load_place(f) for f in load_failures(run) if f.excuse is not None}
    required = run.coverage.required if run.coverage else None
    decision = decide(run, Policy(coverage=required), today=date.max)
    counting = (
        r
        for r in decision.reasons
        if (r.endpoint, r.scenario) not in excuses and r.line not in lines
    )
    return replace(decision, reasons=tuple(counting)).exit_code


def excused_run(run: Run, decision: Decision) -> Run:
    """Give a run whose findings say why the decision tolerated them, for all that renders it."""
    why = {(r.endpoint, r.scenario): r.excuse for r in decision.tolerated}
    results = (replace(r, excuse=why.get((r.endpoint.name, r.scenario.name))) for r in run.results)
    lines = {r.line: r.excuse for r in decision.tolerated}
    background = (replace(hold, excuse=lines.get(place_name(hold))) for hold in run.background)
    load = run.load and replace(
        run.load,
        findings=tuple(replace(f, excuse=lines.get(load_place(f))) for f in run.load.findings),
    )
    return replace(run, results=tuple(results), background=tuple(background), load=load)


def requiring(run: Run, policy: Policy) -> Run:
    """Give a run that says what coverage the policy asked for, for all that renders it."""
    if run.coverage is None:
        return run
    return replace(run, coverage=replace(run.coverage, required=policy.coverage))


def _because(reason: Reason, more: str | None) -> Reason:
    if more is None:
        return reason
    return replace(reason, sentence=f"{reason.sentence} ({more})", because=more)


def of_gone(differences: Iterable[Difference | EndpointDifference]) -> Iterator[Reason]:
    """Yield what was measured in the baseline and is not any more."""
    for gone in differences:
        if gone.change is Change.GONE:
            scenario = gone.scenario if isinstance(gone, Difference) else None
            yield Reason(
                "was measured in the baseline and is not any more; "
                "where that is meant, make a new baseline",
                ExitCode.NOT_MEASURED,
                gone.endpoint,
                scenario,
            )


def of_result(result: Result, policy: Policy, difference: Difference | None) -> Reason | None:
    """Give why one result fails the gate, before anything is tolerated."""
    why = in_one_line(result.judgement.reason)
    worse = difference is not None and difference.change is Change.WORSE
    if unmeasured(result, require_all=policy.require_all):
        return _reason(result, f"could not be measured: {why}", ExitCode.NOT_MEASURED)
    if failed(result):
        return _reason(result, f"{_expectation(result)}{why}{_place(result, why)}", ExitCode.FAILED)
    if worse and policy.fail_on is FailOn.NEW:
        return _reason(result, f"passes, but is worse than in the baseline: {why}", ExitCode.FAILED)
    return None


def of_background(hold: Background) -> Reason:
    """Give why a line that holds the loop for no request fails the gate: all endpoints suffer."""
    held = f"holds the event loop for {seconds(hold.held_s)} while no request runs it"
    code, line = background_code(hold).code, place_name(hold)
    return Reason(held, ExitCode.FAILED, code=code, line=line)


def background_reasons(
    run: Run, policy: Policy, today: date, baseline: Comparison | None
) -> Iterator[Reasoned]:
    """Yield a reason for each line that held the loop for no request."""
    known = {d.line for d in baseline.lines if d.change is Change.SAME} if baseline else set()
    for hold in over_limit(run):
        over = ended(lines_allowed(policy, hold), today)
        yield of_background(hold), excused_background(hold, policy, known, today), over


def excused_background(
    hold: Background, policy: Policy, known: Collection[str], today: date
) -> str | None:
    """Say why such a line is tolerated, or None: by an allow that names it, or as it is known."""
    for allow in lines_allowed(policy, hold):
        if today < allow.expires:
            return allowed(allow)
    new = policy.fail_on is FailOn.NEW and place_name(hold) in known
    over = ended(lines_allowed(policy, hold), today)
    return "it is in the baseline as well" if new and not over else None


def unmeasured(result: Result, *, require_all: bool) -> bool:
    """Say whether a result is missing: an absent measurement never passes."""
    verdict = result.judgement.verdict
    return verdict in UNMEASURED or (require_all and verdict is Verdict.SKIPPED)


def failed(result: Result) -> bool:
    """Say whether a result is a failure: not as promised, or failing where nothing was promised."""
    verdict = result.judgement.verdict
    if unmeasured(result, require_all=True):
        return False
    return not result.as_expected if result.expected is not None else verdict is Verdict.FAIL


def excused(
    result: Result, policy: Policy, difference: Difference | None, today: date
) -> str | None:
    """Say why a failing result is tolerated, or None where it is not.

    What could not be measured is excused by no allow, as nobody knows what it is, but by a policy
    that lists it as what may be missing. An inconclusive result is no new failure where the
    baseline has one and the figures do not show it worse.
    """
    verdict = result.judgement.verdict
    unknown = unmeasured(result, require_all=True)
    if unknown and (missing := policy.excuse_of_missing(result.endpoint.name)):
        return missing
    if verdict is Verdict.INCONCLUSIVE and policy.allow_inconclusive:
        return "inconclusive results are allowed"
    worse = difference is not None and difference.change is Change.WORSE
    only_new = policy.fail_on is FailOn.NEW and not worse and not expired(result, policy, today)
    base = None if difference is None else difference.base
    if unknown:
        known = base is not None and failed(base) and fails_unsurely(base, result)
        return STILL_UNSURE if only_new and known else None
    for allow in policy.allow:
        if matches(allow, result) and today < allow.expires:
            return allowed(allow)
    known = base is not None and failed(base)
    return "it is no worse than in the baseline" if only_new and known else None


def expired(result: Result, policy: Policy, today: date) -> str | None:
    """Say so where a result was allowed and is not any more."""
    return ended([allow for allow in policy.allow if matches(allow, result)], today)


def of_allows(run: Run, policy: Policy) -> Iterator[str]:
    """Yield a warning for each allow that nothing needs; a load needs none that a check may."""
    for allow in policy.allow if run.load is None else ():
        about = f"The allow for {allow.endpoint!r}{f' ({allow.code})' if allow.code else ''}"
        needed = any(matches(allow, result) for result in run.results if failed(result))
        if needed or any(names_line(allow, hold) for hold in over_limit(run)):
            continue
        if allow.is_of_a_line:
            yield f"{about} names no line that held the loop in this run: take it out."
            continue
        named = [r.judgement.verdict for r in run.results if allow.names(r.endpoint.name)]
        if not named:
            yield f"{about} names no endpoint of this run."
        elif {Verdict.PASS, Verdict.FAIL} & {*named}:
            yield f"{about} is not needed any more: take it out."


def _reason(result: Result, sentence: str, exit_code: ExitCode) -> Reason:
    code = _code(result.judgement.diagnosis)
    return Reason(sentence, exit_code, result.endpoint.name, result.scenario.name, code)


def _code(diagnosis: Diagnosis) -> str | None:
    code = code_of(diagnosis)
    return code.code if code else None


def _expectation(result: Result) -> str:
    if (expected := result.expected) is None:
        return ""
    judged = result.judgement
    return (
        f"promised {expected.verdict}, {expected.diagnosis}; "
        f"measured {judged.verdict}, {judged.diagnosis}: "
    )


def _place(result: Result, sentence: str) -> str:
    """Name the line to look at, unless the sentence does: what held the loop, or is waited at."""
    worst = result.blame[0] if result.blame else waited_at(result)
    if worst is None or f"{worst.file}:{worst.line}" in sentence:
        return ""
    where = written_place(worst) if isinstance(worst, Blame) else f"{worst.file}:{worst.line}"
    return f"; see {where}"
