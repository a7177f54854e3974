"""A load in the terminal: what held the loop, by its harm, and how each endpoint fared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from neverblock.analysis.codes import find_code
from neverblock.gate.load import load_failures
from neverblock.gate.threshold import threshold_sentence
from neverblock.model import Verdict
from neverblock.report.load_words import (
    finding_sentence,
    finding_title,
    made,
    table_sentences,
    trend_sentence,
)
from neverblock.report.named_rows import WIDE, named_rows
from neverblock.report.place_text import place_lines
from neverblock.report.summary import printable
from neverblock.report.terminal import fitted
from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

    from neverblock.result import Load, LoadEndpoint, LoadFinding, Run


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of an endpoint; not shown in a terminal that is not wide unless it is ``narrow``."""

    title: str
    told: Callable[[LoadEndpoint], str]
    narrow: bool = True

    def cell(self, endpoint: LoadEndpoint) -> Text:
        """Give the figure of an endpoint; what failed stands out."""
        alarming = self.title == FAILED and endpoint.failures
        return Text(self.told(endpoint), style="bold red" if alarming else "")


FAILED = "failed"
INSET = 2
"""Columns before what belongs to a finding."""
COLUMNS = (
    Column("requests", lambda each: str(each.requests)),
    Column(FAILED, lambda each: str(each.failures)),
    Column("req/s", lambda each: rate(each.rate_per_s)),
    Column("p50", lambda each: seconds(each.p50_s)),
    Column("p95", lambda each: seconds(each.p95_s)),
    Column("p99", lambda each: seconds(each.p99_s)),
    Column("max", lambda each: seconds(each.max_s), narrow=False),
)
LOSSES = (
    Column("it lost", lambda each: seconds(each.lost_s)),
    Column("others lost", lambda each: "" if each.cost_s is None else seconds(each.cost_s)),
)
"""Not known from outside: no answer says then by which route it came."""


def load_lines(run: Run, width: int) -> Iterator[RenderableType]:
    """Yield the run's load as it was made, its endpoints, and each finding with its place."""
    if (load := run.load) is None:
        return
    yield _said(made(load), width, style="bold")
    yield Text()
    yield from _endpoints(load, width)
    yield from (_said(said, width, style="dim") for said in table_sentences(load))
    failing = load_failures(run)
    for found in load.findings:
        yield Text()
        yield from _finding(found, width, failed=found in failing)
    for trend in load.trends:
        yield Text()
        yield Text("! ", style="yellow").append_text(_said(trend_sentence(trend), width))
    for threshold in load.thresholds:
        kept = threshold.verdict is Verdict.PASS
        mark = Text("✓ " if kept else "✗ ", style="green" if kept else "bold red")
        yield Text()
        yield mark.append_text(_said(threshold_sentence(threshold), width))
    for note in load.notes:
        yield Text()
        yield _said(f"note: {note}", width, style="dim")


def _endpoints(load: Load, width: int) -> Iterator[Text]:
    shown = [each for each in COLUMNS if width >= WIDE or each.narrow]
    shown += LOSSES if load.server_workers else ()
    names = ["endpoint", *(printable(each.name) for each in load.endpoints)]
    rows = [[Text(column.title, style="dim") for column in shown]]
    rows += [[column.cell(each) for column in shown] for each in load.endpoints]
    yield from named_rows(names, rows, width)


def _finding(found: LoadFinding, width: int, *, failed: bool) -> Iterator[RenderableType]:
    excused = found.excuse is not None
    head = Text("✗ ", style="bold red") if failed and not excused else Text("~ ", style="yellow")
    title = fitted(printable(finding_title(found)), width - head.cell_len)
    head.append(title, style="bold")
    head.append(f"  {find_code(found.code)}", style="dim")
    yield head
    lines = [_said(finding_sentence(found), width), *place_lines(found)]
    if found.excuse is not None:
        lines.insert(1, _said(found.excuse, width, style="yellow"))
    yield from (Padding(line, (0, 0, 0, 2)) for line in lines)


def _said(text: str, width: int, style: str = "default") -> Text:
    """Give a sentence that may quote the target, in which no name is broken, inset or not."""
    return Text(fitted(printable(text), width - INSET), style=style)
