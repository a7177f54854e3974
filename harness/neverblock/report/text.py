"""The terminal: a table read at a glance, and beneath it all that it takes to fix a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from neverblock.analysis.blame import headline
from neverblock.analysis.codes import named
from neverblock.gate.background import background_code
from neverblock.model import CheckState, Verdict
from neverblock.report.asides import asides, seldom_sentence
from neverblock.report.background_words import WHO, background_sentence, background_title
from neverblock.report.evidence import evidence, spent
from neverblock.report.hollow_text import hollow_count, hollow_passes
from neverblock.report.load_text import load_lines
from neverblock.report.place_text import advice_lines, place_lines
from neverblock.report.summary import (
    CHECK_SYMBOLS,
    SYMBOLS,
    answer,
    counts,
    fix_first,
    grouped,
    latencies_s,
    noise,
    others_wait_s,
    printable,
    tier_note,
    waits,
    worth_telling,
)
from neverblock.report.suspects_text import suspects
from neverblock.report.suspects_words import coverage_sentence, suspects_sentence
from neverblock.report.terminal import printed
from neverblock.report.unchecked_text import unchecked
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from neverblock.model import Scenario
    from neverblock.result import Background, Result, Run

WIDE = 110
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
MOST_BARS = 20
MENTIONED_S = 0.05
MOST_PLACES = 3


def render(run: Run, *, width: int = 80, colour: bool = False, verbose: bool = False) -> str:
    """Give the table of all results, each finding beneath it, and the answer at the end.

    With ``verbose`` every result is shown with the figures behind it.
    """
    return printed(_page(run, width, verbose=verbose), width, colour=colour)


def render_finding(result: Result, *, width: int = 80, colour: bool = False) -> str:
    """Give one result in full: the sentence, source, call path, advice and waterfall."""
    return printed(_finding(result, width), width, colour=colour)


def _page(run: Run, width: int, *, verbose: bool) -> Group:
    parts: list[RenderableType] = [*load_lines(run.load)] if run.load else []
    for scenario in dict.fromkeys(r.scenario for r in run.results):
        ran = [r for r in run.results if r.scenario == scenario]
        parts += [_table(ran, scenario, wide=width >= WIDE), Text()]
    parts += [_legend(run), Text()] if run.results else []
    shown = fix_first(run.results)
    shown += [r for r in run.results if r.judgement.verdict in UNMEASURED]
    shown += [r for r in run.results if r.as_expected is False and r not in shown]
    if verbose:
        shown += [r for r in run.results if r not in shown]
    for result in shown:
        lesson = result.endpoint.pair is not None and result.as_expected is not False
        parts += [_lesson(result)] if lesson else [Text(), _finding(result, width)]
        if verbose:
            parts += [Padding(line, (0, 0, 0, 2)) for line in evidence(result)]
    for result in run.results:
        if result.seldom is not None and result not in shown:
            said = f"{result.endpoint.name}: {seldom_sentence(result.seldom)}"
            parts += [Text(), Text.assemble(("seldom: ", "bold"), printable(said))]
    for hold in run.background:
        parts += [Text(), _background(hold)]
    parts += [*unchecked(run), *hollow_passes(run), *suspects(run)]
    return Group(*parts, Text(), Rule(style="dim"), *_summary(run))


def _table(results: list[Result], scenario: Scenario, *, wide: bool) -> Table:
    table = Table(
        box=None,
        title=printable(f"{scenario.name}: {scenario.title}"),
        title_justify="left",
        title_style="bold",
        header_style="dim",
        padding=(0, 2 if wide else 1, 0, 0),
        expand=True,
    )
    table.add_column("endpoint", ratio=1, overflow="fold")
    table.add_column("verdict", no_wrap=True)
    crowd = scenario.duration_s is not None
    figures = ["alone", "half", "req/s"] if crowd else ["alone", "all", "speed"]
    if wide:
        figures.insert(1, "in turn")
    for name in (*figures, "others wait" if wide else "others"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("checks", no_wrap=True)
    for group in grouped(results).values():
        for result in group:
            table.add_row(*_row(result, wide=wide))
    return table


def _row(result: Result, *, wide: bool) -> Iterator[RenderableType]:
    judgement = result.judgement
    yield Text(_shortened(printable(result.endpoint.name), 60 if wide else 36))
    verdict = f"{SYMBOLS[judgement.verdict]} {judgement.verdict}"
    cell = Text(verdict, style=STYLES[judgement.verdict])
    if judgement.verdict not in UNMEASURED:
        cell.append(f" {judgement.diagnosis}", style="not bold")
    yield cell
    if m := result.measurement:
        yield seconds(m.solo_s)
        if wide:
            yield seconds(m.serial_bound_s)
        if result.scenario.duration_s is not None:
            yield seconds(latencies_s(result.records)[0])
            yield f"{m.throughput_rps:.1f}"
        else:
            yield seconds(m.wall_s)
            yield f"{m.speedup:.1f}x"
        yield seconds(others_wait_s(result))
    else:
        yield from [""] * (5 if wide else 4)
    checks = Text()
    for state in (judgement.checks.document, judgement.checks.concurrency, judgement.checks.loop):
        checks.append(CHECK_SYMBOLS[state], style=CHECK_STYLES[state])
    if result.as_expected is False:
        checks.append(" ≠", style="bold red")
    yield checks


def _shortened(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most // 2]}…{name[-most // 2 + 1 :]}"


def _legend(run: Run) -> Text:
    limit = seconds(run.criterion.document_limit_s)
    return Text(
        f"Alone: the time of one request; all: of all together. Others: the longest wait of a "
        f"request to another endpoint. Checks: document (10 requests < {limit}), concurrency, "
        "loop; ✓ pass, ✗ fail, b blind (cannot fail here), · no say, ≠ not as expected.",
        style="dim",
    )


def _lesson(result: Result) -> Text:
    """Give in one line what an endpoint of the reference app was meant to show, and did."""
    line = f"{SYMBOLS[result.judgement.verdict]} {result.endpoint.name}: "
    if not result.blame:
        return Text(printable(line + result.judgement.reason))
    worst = result.blame[0]
    line += f"{worst.target or worst.call or worst.function} at {worst.file}:{worst.line}"
    instead = f"; use {worst.advice.instead}" if worst.advice else ""
    return Text(printable(line + instead))


def _finding(result: Result, width: int) -> Group:
    judgement = result.judgement
    head = Text(f"{SYMBOLS[judgement.verdict]} ", style=STYLES[judgement.verdict])
    head.append(printable(result.endpoint.name), style="bold")
    head.append(f"  {named(judgement.diagnosis)}, {result.scenario.name}", style="dim")
    said = [Text(printable(line)) for line in judgement.reason.splitlines()]
    parts: list[RenderableType] = [head, *said]
    if result.as_expected is False and (expected := result.expected):
        expectation = f"≠ expected: {expected.verdict}, {expected.diagnosis}"
        parts.append(Text(expectation, style="bold red"))
    for note in judgement.notes:
        parts += [Text(printable(line), style="dim") for line in f"note: {note}".splitlines()]
    parts += [Text(printable(f"note: {aside}"), style="dim") for aside in asides(result)]
    for blame in worth_telling(result.blame)[:MOST_PLACES]:
        doing = "computing" if blame.on_cpu else "waiting"
        held = f"held the loop {seconds(blame.held_s)} a request on average, {doing}"
        parts += [Text(), Text(printable(headline(result.endpoint, blame)), style="cyan")]
        parts += [Text(held), *place_lines(blame)]
    if result.advice is not None:
        parts += [Text(), *advice_lines(result.advice)]
    if result.measurement and result.records and result.scenario.duration_s is None:
        parts += [Text(), *_waterfall(result, min(width - 4, 76))]
    return Group(parts[0], Padding(Group(*parts[1:]), (0, 0, 0, 2)))


def _background(hold: Background) -> Group:
    """Give a line that held the loop for no request: it belongs to no endpoint."""
    code, excused = background_code(hold), hold.excuse is not None
    head = Text("~ " if excused else "✗ ", style="yellow" if excused else STYLES[Verdict.FAIL])
    head.append(WHO, style="bold")
    head.append(f"  {code}", style="dim")
    said = [Text(printable(background_sentence(hold)))]
    if hold.excuse is not None:
        said.append(Text(printable(hold.excuse), style="yellow"))
    title = Text(printable(background_title(hold)), style="cyan")
    return Group(head, Padding(Group(*said, Text(), title, *place_lines(hold.place)), (0, 0, 0, 2)))


def _waterfall(result: Result, width: int) -> Iterator[Text]:
    """Yield a line per request: its wait for others pale, its own time dark."""
    if not (m := result.measurement):
        return
    bars = waits(result.records, m.solo_s)
    end = bars[-1][2] or 1.0
    room = max(10, width - 12)
    for sent, turn, done in bars[:MOST_BARS]:
        cells = [round(at / end * room) for at in (sent, turn, done)]
        own = max(1, cells[2] - cells[1])
        wait = max(0, cells[2] - own - cells[0])
        bar = Text(" " * cells[0], no_wrap=True)
        bar.append("░" * wait, style="yellow")
        bar.append("█" * own, style="blue")
        bar.append(f" {seconds(done)}", style="dim")
        yield bar
    rest = f"; {len(bars) - MOST_BARS} more" if len(bars) > MOST_BARS else ""
    yield Text(f"█ the time one request takes alone, ░ the wait for others{rest}", style="dim")


def _summary(run: Run) -> Iterator[Text]:
    """Yield the answer, the counts, where the time went and what else made noise."""
    yield Text(printable(answer(run)), style="bold")
    counted = Text()
    for verdict, number in counts(run.results).items():
        counted.append(f"{SYMBOLS[verdict]} {number} {verdict}  ", style=STYLES[verdict])
    yield counted
    if hollow := hollow_count(run):
        yield Text(hollow, style="yellow")
    if (coverage := run.coverage) is not None:
        style = "bold red" if coverage.falls_short else "dim"
        yield Text(f"coverage: {coverage_sentence(coverage)}", style=style)
    if suspected := suspects_sentence(run):
        yield Text(suspected, style="dim")
    if run.control and not run.control.seen:
        complaint = run.control.complaint or "the probe did not see its own block"
        yield Text(printable(f"! control: {complaint}; no verdict counts"), style="bold red")
    if run.phases:
        phases = ", ".join(
            f"{p.name} {seconds(p.duration_s)}" for p in run.phases if p.duration_s > MENTIONED_S
        )
        yield Text(printable(f"{spent(run)}: {phases}"), style="dim")
    if blind := tier_note(run):
        yield Text(blind, style="dim")
    if noted := noise(run):
        yield Text(printable(f"noise: {noted}"), style="dim")
