"""The table at the top of the terminal: a line for each endpoint, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from neverblock.analysis.urgency import others_wait_s
from neverblock.model import CheckState, Verdict
from neverblock.report.named_rows import WIDE, named_rows
from neverblock.report.summary import (
    CHECK_SYMBOLS,
    SYMBOLS,
    grouped,
    latencies_s,
    printable,
)
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neverblock.model import Scenario
    from neverblock.result import Result, Run

STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.SKIPPED: "dim",
}
CHECK_STYLES = {
    CheckState.PASS: "green",
    CheckState.FAIL: "red",
    CheckState.BLIND: "yellow",
    CheckState.NOT_APPLICABLE: "dim",
}
UNMEASURED = {Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.SKIPPED}
LEGEND = "checks: document, concurrency, loop; ✓ pass, ✗ fail, b cannot fail, · no say"
SURPRISES = "≠ not as expected"


def verdict_tables(run: Run, width: int) -> Iterator[Text]:
    """Yield a table for each scenario, and one line that says what the checks' signs mean.

    Nothing where nothing was measured.
    """
    if not run.results:
        return
    for scenario in dict.fromkeys(r.scenario for r in run.results):
        yield from _table([r for r in run.results if r.scenario == scenario], scenario, width)
        yield Text()
    yield Text(LEGEND, style="dim")
    if blind := blind_sentence(run):
        yield Text(blind, style="dim")
    if any(r.as_expected is False for r in run.results):
        yield Text(SURPRISES, style="dim")


def blind_sentence(run: Run) -> str:
    """Say once for how many results the document check cannot fail; "" where it always can."""
    states = [r.judgement.checks.document for r in run.results if r.measurement]
    blind = states.count(CheckState.BLIND)
    limit = seconds(run.criterion.document_limit_s)
    return (
        f"The document check cannot fail for {blind} of {len(states)}: even one after the other, "
        f"their requests take less than {limit}."
        if blind
        else ""
    )


def _table(results: Sequence[Result], scenario: Scenario, width: int) -> Iterator[Text]:
    """Yield the title of a table and its lines."""
    wide = width >= WIDE
    ordered = [result for group in grouped(results).values() for result in group]
    names = [printable(result.endpoint.name) for result in ordered]
    rows = [_header(scenario, wide=wide), *(_cells(result, wide=wide) for result in ordered)]
    yield Text(printable(f"{scenario.name}: {scenario.title}"), style="bold")
    yield from named_rows(["endpoint", *names], rows, width, left={0, len(rows[0]) - 1})


def _header(scenario: Scenario, *, wide: bool) -> list[Text]:
    crowd = scenario.duration_s is not None
    names = ["verdict", "alone", "half" if crowd else "at once", "others wait", "checks"]
    if crowd:
        names.insert(3, "req/s")
    elif wide:
        names[2:2] = ["in turn"]
        names.insert(4, "speed")
    return [Text(name, style="dim") for name in names]


def _cells(result: Result, *, wide: bool) -> list[Text]:
    judgement = result.judgement
    verdict = judgement.verdict
    said = f"{verdict}" if verdict in UNMEASURED else f"{judgement.diagnosis}"
    if wide and verdict not in UNMEASURED:
        said = f"{verdict} {said}"
    cells = [Text(f"{SYMBOLS[verdict]} {said}", style=STYLES[verdict])]
    cells += map(Text, _figures(result, wide=wide))
    checks = Text()
    for state in (judgement.checks.document, judgement.checks.concurrency, judgement.checks.loop):
        checks.append(CHECK_SYMBOLS[state], style=CHECK_STYLES[state])
    if result.as_expected is False:
        checks.append(" ≠", style="bold red")
    return [*cells, checks]


def _figures(result: Result, *, wide: bool) -> list[str]:
    crowd = result.scenario.duration_s is not None
    if (m := result.measurement) is None:
        return [""] * (4 if crowd else 5 if wide else 3)
    figures = [seconds(m.solo_s)]
    if crowd:
        figures += [seconds(latencies_s(result.records)[0]), f"{m.throughput_rps:.1f}"]
    elif wide:
        figures += [seconds(m.serial_bound_s), seconds(m.wall_s), f"{m.speedup:.1f}x"]
    else:
        figures.append(seconds(m.wall_s))
    return [*figures, seconds(others_wait_s(result))]
