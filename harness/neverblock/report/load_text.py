"""A load in the terminal: what held the loop, by its harm, and how each endpoint fared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from neverblock.analysis.codes import find_code
from neverblock.gate.load import load_failures
from neverblock.gate.threshold import threshold_sentence
from neverblock.model import Verdict
from neverblock.report.load_figures import FAILED, load_figures
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from neverblock.result import Load, LoadFinding, Run


INSET = 2
"""Columns before what belongs to a finding."""


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
    shown = [each for each in load_figures(load) if width >= WIDE or each.narrow]
    names = ["endpoint", *(printable(each.name) for each in load.endpoints)]
    rows = [[Text(figure.title, style="dim") for figure in shown]]
    for each in load.endpoints:
        styles = ["bold red" if f.title == FAILED and each.failures else "" for f in shown]
        rows.append([Text(f.told(each), style=s) for f, s in zip(shown, styles, strict=True)])
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
