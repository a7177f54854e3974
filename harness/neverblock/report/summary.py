"""What every format says of a run, before it is laid out: the answer, the counts, the order."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import quantiles
from typing import TYPE_CHECKING

from neverblock.analysis.judge import VERDICTS
from neverblock.analysis.urgency import WORST_FIRST, others_wait_s
from neverblock.gate.background import over_limit, place_name
from neverblock.model import CheckState, Diagnosis, Verdict
from neverblock.probe.tier import PORTABLE
from neverblock.report.capacity_words import outcome
from neverblock.report.suspects_words import coverage_sentence
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from neverblock.model import Endpoint, Record
    from neverblock.result import Blame, Result, Run, Unchecked

SYMBOLS = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.ERROR: "!",
    Verdict.INCONCLUSIVE: "?",
    Verdict.SKIPPED: "-",
}
CHECK_SYMBOLS = {
    CheckState.PASS: "✓",
    CheckState.FAIL: "✗",
    CheckState.BLIND: "b",
    CheckState.NOT_APPLICABLE: "·",
}
VARIANTS = ("bad", "good", "better")
FAIR_PART = 0.05
FREE = "keep the event loop free"
HARMFUL = {d for d, verdict in VERDICTS.items() if verdict is Verdict.PASS} - {Diagnosis.CONCURRENT}
"""Diagnoses that pass although others wait: of these nobody says that the loop is free."""


def answer(run: Run) -> str:
    """Give the run's outcome in one sentence."""
    measured = [r for r in run.results if r.judgement.verdict is not Verdict.SKIPPED]
    if run.load is not None:
        early = "Interrupted before the end. " if run.interrupted else ""
        return f"{early}{run.load.reason}"
    if run.capacity:
        return f"{'Interrupted before the end. ' * run.interrupted}{outcome(run.capacity)}"
    if not measured:
        early = "Interrupted before anything was measured."
        return early if run.interrupted else "Nothing was measured."
    said = _lesson(measured) if any(r.expected for r in measured) else _finding(measured)
    if run.coverage is not None and run.coverage.falls_short:
        said = f"Too few routes: {coverage_sentence(run.coverage)}. {said}"
    if over_limit(run):
        said = f"{_background(run)} {said.replace(FREE, 'pass')}"
    return f"Interrupted before the end. {said}" if run.interrupted else said


def _lesson(measured: list[Result]) -> str:
    """Say how the reference app fared against what its pairs expect."""
    if surprises := [r for r in measured if r.as_expected is False]:
        names = ", ".join(f"{r.endpoint.name} ({r.scenario.name})" for r in surprises[:3])
        more = ", ..." if len(surprises) > len(surprises[:3]) else ""
        return f"{len(surprises)} of {len(measured)} results are not as expected: {names}{more}."
    caught = len({r.endpoint for r in measured if r.judgement.verdict is Verdict.FAIL})
    passed = {r.endpoint for r in measured if r.judgement.verdict is Verdict.PASS}
    noted = _noted(measured)
    passing = f", {len(noted)} pass with a note" if noted else ""
    return (
        f"All {len(measured)} results are as expected: {caught} blocking endpoints were caught, "
        f"{len(passed - noted)} {FREE}{passing}."
    )


def _finding(measured: list[Result]) -> str:
    """Say which endpoints of a user's app fail."""
    endpoints = {r.endpoint for r in measured}
    failing = fix_first(measured)
    unknown = len(
        {r.endpoint for r in measured}
        - {r.endpoint for r in measured if r.judgement.verdict in {Verdict.PASS, Verdict.FAIL}}
    )
    rest = f" {unknown} could not be measured." if unknown else ""
    if not failing:
        noted = len(_noted(measured))
        passing = f" {noted} pass{'es' * (noted == 1)} with a note." if noted else ""
        kept = len(endpoints) - unknown - noted
        return f"{kept} of {len(endpoints)} endpoints {FREE}.{passing}{rest}"
    first = failing[0]
    harm = f"the worst, {first.endpoint.name}, lets others wait {seconds(others_wait_s(first))}"
    return f"{len(failing)} of {len(endpoints)} endpoints fail: {harm}.{rest}"


def passes_with_a_note(results: Iterable[Result]) -> list[Result]:
    """Give the results that pass although others wait for the endpoint."""
    return [r for r in results if r.judgement.diagnosis in HARMFUL]


def _noted(measured: Iterable[Result]) -> set[Endpoint]:
    return {r.endpoint for r in passes_with_a_note(measured)}


def _background(run: Run) -> str:
    """Say what held the loop for no request: then nobody says that it is free."""
    first, *others = over_limit(run)
    more = f", and {len(others)} more lines" if others else ""
    held = f"{seconds(first.held_s)} at a time: {place_name(first)}{more}"
    return f"Background work holds the event loop for {held}."


def counts(results: Iterable[Result]) -> dict[Verdict, int]:
    """Count the verdicts that occur, in the order of the enum."""
    numbers = Counter(r.judgement.verdict for r in results)
    return {verdict: numbers[verdict] for verdict in Verdict if numbers[verdict]}


def fix_first(results: Iterable[Result]) -> list[Result]:
    """Give the failing results by the harm they do to others, each endpoint once, worst first."""
    worst: dict[object, Result] = {}
    for result in results:
        if result.judgement.verdict is Verdict.FAIL:
            key = result.endpoint
            worst[key] = max(worst.get(key, result), result, key=_weight)
    return sorted(worst.values(), key=others_wait_s, reverse=True)


def _weight(result: Result) -> tuple[bool, float]:
    """Of several scenarios that fail the one counts that names a line."""
    return bool(result.blame), others_wait_s(result)


def by_reason(endpoints: tuple[Unchecked, ...]) -> dict[str, list[Unchecked]]:
    """Put those together whose reasons begin with the same line."""
    groups: dict[str, list[Unchecked]] = defaultdict(list)
    for one in endpoints:
        groups[next(iter(one.reason.splitlines()), "")].append(one)
    return groups


def by_cause(results: Iterable[Result]) -> list[list[Result]]:
    """Put those together that one line is to blame for, or that failed for the very same reason."""
    groups: dict[object, list[Result]] = {}
    for result in results:
        key: object = result.judgement.reason if result.measurement is None else id(result)
        if result.blame and result.endpoint.pair is None:
            worst = result.blame[0]
            key = (result.judgement.diagnosis, worst.file, worst.line, worst.target)
        groups.setdefault(key, []).append(result)
    return list(groups.values())


def grouped(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Group by pair (by endpoint where there is none): each variant's scenarios, bad ones first.

    The groups come by their worst verdict; endpoints that fail, by the harm they do to others.
    """
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.endpoint.pair or result.endpoint.name, []).append(result)
    for group in groups.values():
        group.sort(key=_variant_rank)
    return dict(sorted(groups.items(), key=lambda named: _urgency(named[1])))


def _urgency(group: list[Result]) -> tuple[int, float]:
    """Give where a group stands: pairs, which all have a bad endpoint, keep their order."""
    rank = min(WORST_FIRST.index(r.judgement.verdict) for r in group)
    fails = rank == 0 and group[0].endpoint.pair is None
    return rank, -max(map(others_wait_s, group)) if fails else 0.0


def _variant_rank(result: Result) -> int:
    variant = result.endpoint.variant
    return VARIANTS.index(variant) if variant in VARIANTS else len(VARIANTS)


def waits(records: Iterable[Record], solo_s: float) -> list[tuple[float, float, float]]:
    """Give each request as (sent, turn, done), seconds from the first send, in order of answers.

    A request's turn is when it would have been sent to be done in its own time: what lies before
    is the wait for others.
    """
    ordered = sorted(records, key=lambda r: r.done_s)
    start = min((r.sent_s for r in ordered), default=0.0)
    return [
        (r.sent_s - start, max(r.sent_s, r.done_s - solo_s) - start, r.done_s - start)
        for r in ordered
    ]


def marked(blame: Blame) -> tuple[str, str, str]:
    """Split the blamed line of the source into what is before, the blamed expression, and after.

    The expression is empty where its place is not known.
    """
    index = blame.line - blame.source_line
    if not 0 <= index < len(blame.source):
        return "", "", ""
    line = blame.source[index]
    if blame.column is None:
        return line, "", ""
    several = blame.end_line is not None and blame.end_line > blame.line
    end = len(line) if several or blame.end_column is None else blame.end_column
    return line[: blame.column], line[blame.column : end], line[end:]


def worth_telling(places: Sequence[Blame]) -> list[Blame]:
    """Give the places that held the loop for a fair part of what the worst did."""
    return [p for p in places if p.held_s >= FAIR_PART * places[0].held_s]


def tier_note(run: Run) -> str:
    """Say what the probe could not tell here; empty where that is nothing."""
    gil = run.environment.get("gil") != "none"
    told = []
    if run.environment.get("tier") == PORTABLE:
        told.append(
            "portable tier: what a thread waits in is not shown here, so that a wait on the loop "
            f"may have been one {'for the GIL or ' if gil else ''}for a core; its range is the "
            "wider for it"
        )
    if not gil:
        told.append(
            "no GIL: its diagnoses do not apply, and where an advice has threads take turns they "
            "compute beside the loop; neither pools of the app's own nor the lines at which "
            "requests wait are seen"
        )
    return "; ".join(told)


def noise(run: Run) -> str:
    """Give what the machine did meanwhile, in a few words."""
    noted = run.environment.get("noise", "")
    if isinstance(noted, dict):
        return ", ".join(f"{name} {value}" for name, value in noted.items())
    return str(noted)


def latencies_s(records: Iterable[Record]) -> tuple[float, float]:
    """Give the median and the 95th percentile of the requests that were answered."""
    took = sorted(r.done_s - r.sent_s for r in records if r.ok)
    if len(took) < 2:  # noqa: PLR2004 - quantiles need two
        return (took[0], took[0]) if took else (0.0, 0.0)
    cuts = quantiles(took, n=20, method="inclusive")
    return cuts[9], cuts[18]


def printable(text: str) -> str:
    """Spell out what a terminal or a page would act on: control and direction characters."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
