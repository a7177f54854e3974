"""JUnit XML, for the test views of CI servers: a suite per scenario, a case per endpoint and check.

Checked against the schema of Jenkins' xUnit plug-in (junit-10.xsd).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from junitparser import Error, Failure, JUnitXml, Skipped, SystemOut, TestCase, TestSuite

from neverblock.analysis.one_line import in_one_line
from neverblock.gate.ratio import against_sentence
from neverblock.gate.threshold import threshold_sentence
from neverblock.model import CheckState, Verdict
from neverblock.report.background_words import WHO
from neverblock.report.call_path import call_path
from neverblock.report.capacity_words import capacity_said, capacity_title
from neverblock.report.findings import (
    Level,
    blame_lines,
    complaint,
    failing,
    findings,
    promise,
    result_code,
)
from neverblock.report.fix_text import advised
from neverblock.report.summary import noise, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from junitparser.junitparser import FinalResult

    from neverblock.model import Scenario
    from neverblock.report.findings import Finding
    from neverblock.result import Capacity, LoadThreshold, Result, Run

UNSAID = {
    CheckState.BLIND: "The check is blind here: it could not have failed.",
    CheckState.NOT_APPLICABLE: "The check has no say here.",
}


def render(run: Run) -> str:
    """Give the run as JUnit XML."""
    report = JUnitXml("neverblock")
    for scenario in dict.fromkeys(result.scenario for result in run.results):
        report.append(_suite(run, scenario))
    if complained := complaint(run):
        report.append(
            _filled("run", [_case("neverblock", "run", Error(complained, "not-measured"))])
        )
    lines = [finding for finding in findings(run) if finding.result is None]
    for suite, own in (
        (WHO, [finding for finding in lines if finding.who == WHO]),
        ("load", [finding for finding in lines if finding.who != WHO]),
    ):
        if own:
            report.append(_filled(suite, [_background(each) for each in own]))
    if run.capacity:
        report.append(_filled("capacity", [_capacity(each) for each in run.capacity]))
    if run.load is not None and run.load.thresholds:
        report.append(_filled("thresholds", [_threshold(each) for each in run.load.thresholds]))
    if run.unchecked:
        cases = [
            _case(f"{u.method} {u.path}", "checked", Skipped(printable(u.reason), "not-checked"))
            for u in run.unchecked
        ]
        report.append(_filled("not checked", cases))
    report.update_statistics()
    # the schema knows no such count for all suites together
    report._elem.attrib.pop("skipped", None)  # noqa: SLF001 - the library has no way to drop it
    written = BytesIO()
    report.write(written, pretty=True)
    return written.getvalue().decode("utf-8")


def _suite(run: Run, scenario: Scenario) -> TestSuite:
    results = [result for result in run.results if result.scenario == scenario]
    about = {
        "scenario": scenario.title,
        "target": run.target,
        "neverblock": run.tool_version,
        "noise": noise(run),
    }
    suite = _filled(scenario.name, [case for result in results for case in _cases(result)], about)
    suite.timestamp = printable(run.started_at)
    return suite


def _filled(name: str, cases: list[TestCase], about: dict[str, str] | None = None) -> TestSuite:
    suite = TestSuite(printable(name))
    for key, value in (about or {}).items():
        suite.add_property(key, printable(value))
    suite.add_testcases(cases)
    return suite


def _cases(result: Result) -> Iterator[TestCase]:
    """Yield a case for each check; and one for the whole, where no check fails and it does."""
    checks = result.judgement.checks
    states = {
        "document": checks.document,
        "concurrency": checks.concurrency,
        "loop": checks.loop,
    }
    for number, (check, state) in enumerate(states.items()):
        case = _case(result.endpoint.name, check, _outcome(result, state))
        # one burst serves all three, so its time is counted once
        wall_s = result.measurement.wall_s if result.measurement and not number else 0.0
        case.time = round(wall_s, 3)
        if state is CheckState.FAIL and not failing(result):
            said = in_one_line(result.judgement.reason)
            why = f"The verdict is {result.judgement.verdict}: {said}"
            case.append(SystemOut(printable(f"The check fails. {why} {promise(result)}".rstrip())))
        yield case
    if failing(result) and CheckState.FAIL not in states.values():
        yield _case(result.endpoint.name, "expectation", _outcome(result, CheckState.FAIL))


def _case(endpoint: str, check: str, outcome: FinalResult | None) -> TestCase:
    case = TestCase(check, printable(endpoint), 0.0)
    if outcome is not None:
        case.result = [outcome]
    return case


def _outcome(result: Result, state: CheckState) -> FinalResult | None:
    verdict = result.judgement.verdict
    if verdict in {Verdict.ERROR, Verdict.INCONCLUSIVE}:
        return _explained(Error, result)
    if verdict is Verdict.SKIPPED:
        return _explained(Skipped, result)
    if state is CheckState.FAIL:
        return _explained(Failure, result) if failing(result) else None
    return Skipped(UNSAID[state], state.value) if state in UNSAID else None


def _background(finding: Finding) -> TestCase:
    """Give the case of a line that held the loop for no request; it passes where it is excused."""
    place = finding.places[0]
    message = f"{finding.code}: {place.file}:{place.line}: {finding.why}"
    failure = Failure(printable(message), finding.code.code)
    rest = [*advised(place.advice), "Called through:"]
    rest += [f"  {step}" for step in call_path(place)]
    failure.text = "\n".join(map(printable, rest))
    outcome = failure if finding.level is Level.ERROR else None
    return _case(f"{finding.who} {place.file}:{place.line}", "loop", outcome)


def _threshold(threshold: LoadThreshold) -> TestCase:
    """Give the case of a limit that the project sets to a figure of a load."""
    said = threshold_sentence(threshold)
    failed = threshold.verdict is Verdict.FAIL
    outcome = Failure(printable(said), "threshold") if failed else None
    return _case(threshold.endpoint or "every endpoint", threshold.figure, outcome)


def _capacity(capacity: Capacity) -> TestCase:
    """Give the case of an endpoint's capacity, which fails by the ratio to its base alone."""
    outcome: FinalResult | None = None
    if not capacity.levels:
        outcome = Error(printable(capacity.reason), "not-measured")
    elif (held := capacity.against) is not None and (held.failed or held.unmeasured):
        kind, name = (Failure, "ratio") if held.failed else (Error, "not-measured")
        outcome = kind(printable(against_sentence(held)), name)
    case = _case(capacity.endpoint, "capacity", outcome)
    case.time = round(capacity.duration_s, 3)
    lines = [
        capacity_title(capacity),
        *(f"{label}: {text}" for label, text in capacity_said(capacity)),
    ]
    case.append(SystemOut("\n".join(map(printable, lines))))
    return case


def _explained(kind: type[FinalResult], result: Result) -> FinalResult:
    """Give an outcome whose message is the reason with its place, and whose text is the rest."""
    code = result_code(result)
    where = f"{result.blame[0].file}:{result.blame[0].line}: " if result.blame else ""
    reason = result.judgement.reason
    message = f"{code}: {where}{in_one_line(reason)}"
    outcome = kind(printable(message), code.code if code else result.judgement.diagnosis.value)
    whole = reason.splitlines() if "\n" in reason else []
    rest = [*whole, *blame_lines(result), *result.judgement.notes]
    if result.blame:
        rest += ["Called through:", *(f"  {step}" for step in call_path(result.blame[0]))]
    if rest:
        outcome.text = "\n".join(printable(line) for line in rest)
    return outcome
