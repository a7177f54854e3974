"""The terminal: a table read at a glance, and beneath it all that it takes to fix a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from neverblock.analysis.blame import written_place
from neverblock.analysis.codes import named
from neverblock.analysis.one_line import in_one_line
from neverblock.analysis.urgency import WORST_FIRST
from neverblock.gate.background import background_code
from neverblock.model import Verdict
from neverblock.report.asides import seldom_sentence
from neverblock.report.background_words import WHO, background_sentence, background_title
from neverblock.report.capacity_text import capacity_lines
from neverblock.report.changes import STYLES as CHANGE_STYLES
from neverblock.report.changes import SYMBOLS as SYMBOL_OF
from neverblock.report.changes import changed, sentence, since_baseline
from neverblock.report.evidence import evidence, line_of, spent
from neverblock.report.finding_text import finding
from neverblock.report.hollow_text import hollow_count, hollow_passes
from neverblock.report.load_text import load_lines
from neverblock.report.place_text import place_lines
from neverblock.report.summary import (
    SYMBOLS,
    answer,
    by_cause,
    counts,
    fix_first,
    noise,
    passes_with_a_note,
    printable,
    tier_note,
)
from neverblock.report.suspects_text import suspects
from neverblock.report.suspects_words import (
    coverage_sentence,
    empty_routes,
    made_up_routes,
    suspects_sentence,
)
from neverblock.report.terminal import fitted, printed
from neverblock.report.unchecked_text import unchecked
from neverblock.report.verdict_table import STYLES, UNMEASURED, verdict_tables
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from neverblock.result import Background, Result, Run
    from neverblock.result.suspects import Coverage

MENTIONED_S = 0.05


def render(run: Run, *, width: int = 80, colour: bool = False, verbose: bool = False) -> str:
    """Give the table of all results, each finding beneath it, and the answer at the end.

    With ``verbose`` the figures behind each verdict are shown: on one line where it passes.
    """
    return printed(_page(run, width, verbose=verbose), width, colour=colour)


def render_finding(result: Result, *, width: int = 80, colour: bool = False) -> str:
    """Give one result in full: the sentence, source, call path, advice and waterfall."""
    return printed(finding([result], width), width, colour=colour)


def _page(run: Run, width: int, *, verbose: bool) -> Group:
    parts: list[RenderableType] = [*load_lines(run, width)]
    parts += [*capacity_lines(run.capacity, width)]
    whole = run.load is not None or run.capacity
    parts += verdict_tables(run, width) if run.results or not whole else []
    shown = fix_first(run.results)
    unmeasured = [r for r in run.results if r.judgement.verdict in UNMEASURED]
    shown += sorted(unmeasured, key=lambda r: WORST_FIRST.index(r.judgement.verdict))
    shown += [r for r in run.results if r.as_expected is False and r not in shown]
    parts += [Text()] * any(result.endpoint.pair for result in shown)
    for alike in by_cause(shown):
        result = alike[0]
        lesson = result.endpoint.pair is not None and result.as_expected is not False
        parts += [_lesson(result)] if lesson else [Text(), finding(alike, width)]
        if verbose:
            parts += [Padding(line, (0, 0, 0, 2)) for line in evidence(result)]
    calm = [r for r in run.results if r not in shown]
    parts += [Text()] * bool(verbose and calm)
    parts += [Text(fitted(line_of(result), width)) for result in calm if verbose]
    for result in calm:
        if result.seldom is not None:
            said = f"{result.endpoint.name}: {seldom_sentence(result.seldom)}"
            said = fitted(printable(said), width)
            parts += [Text(), Text.assemble(("seldom: ", "bold"), said)]
    for result in passes_with_a_note(r for r in calm if r.endpoint.pair is None):
        named_so = named(result.judgement.diagnosis)
        said = f"{result.endpoint.name}  {named_so}: {result.judgement.reason}"
        parts += [Text(), Text.assemble(("note: ", "bold"), fitted(printable(said), width))]
    for hold in run.background:
        parts += [Text(), _background(hold)]
    parts += [*unchecked(run, width), *hollow_passes(run, width), *suspects(run)]
    return Group(
        *parts,
        *_changes(run, width),
        Text(),
        Rule(style="dim"),
        *_summary(run, width, verbose=verbose),
    )


def _changes(run: Run, width: int) -> Iterator[RenderableType]:
    """Yield what became of each endpoint since the baseline, if there is one."""
    if not (counted := since_baseline(run)):
        return
    yield Text()
    yield Text(counted, style="bold")
    for change, each in changed(run):
        said = printable(f"{SYMBOL_OF[change]} {change} {sentence(each)}")
        yield Text(fitted(said, width), style=CHANGE_STYLES[change])


def _lesson(result: Result) -> Text:
    """Give in one line what an endpoint of the reference app was meant to show, and did."""
    line = f"{SYMBOLS[result.judgement.verdict]} {result.endpoint.name}: "
    if not result.blame:
        return Text(printable(line + in_one_line(result.judgement.reason)))
    worst = result.blame[0]
    line += written_place(worst)
    instead = f"; use {worst.advice.instead}" if worst.advice else ""
    return Text(printable(line + instead))


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


def _summary(run: Run, width: int, *, verbose: bool) -> Iterator[Text]:
    """Yield the answer, the counts, where the time went and what else made noise."""
    yield Text(fitted(printable(answer(run)), width), style="bold")
    counted = Text()
    for verdict, number in counts(run.results).items():
        counted.append(f"{SYMBOLS[verdict]} {number} {verdict}  ", style=STYLES[verdict])
    yield counted
    if hollow := hollow_count(run):
        yield Text(hollow, style="yellow")
    if run.coverage is not None:
        yield from _coverage(run.coverage, width, verbose=verbose)
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


def _coverage(coverage: Coverage, width: int, *, verbose: bool) -> Iterator[Text]:
    """Yield how much of the app was asked, and which routes only in some way."""
    style = "bold red" if coverage.falls_short else "dim"
    named = {
        "with made-up values only": made_up_routes(coverage),
        "answered empty": empty_routes(coverage),
    }
    how = " (-v names them)" * (not verbose and any(named.values()))
    yield Text(f"coverage: {coverage_sentence(coverage)}{how}", style=style)
    for what, routes in named.items() if verbose else ():
        if routes:
            said = f"{what}: {', '.join(routes)}"
            yield Text(fitted(printable(said), width), style="dim")
