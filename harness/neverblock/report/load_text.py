"""A load in the terminal: what held the loop, by its harm, and how each endpoint fared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from neverblock.analysis.codes import find_code
from neverblock.gate.threshold import threshold_sentence
from neverblock.model import Verdict
from neverblock.report.load_words import (
    finding_sentence,
    finding_title,
    loop_sentence,
    made,
    trend_sentence,
)
from neverblock.report.place_text import place_lines
from neverblock.report.summary import printable
from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from neverblock.result import Load, LoadFinding


def load_lines(load: Load) -> Iterator[RenderableType]:
    """Yield the load as it was made, its endpoints, and each finding with its place."""
    yield Text(printable(made(load)), style="bold")
    yield Text()
    yield _endpoints(load)
    yield Text(printable(loop_sentence(load)), style="dim")
    for found in load.findings:
        yield Text()
        yield from _finding(found, failed=load.verdict is Verdict.FAIL)
    for trend in load.trends:
        yield Text()
        yield Text("! ", style="yellow").append(printable(trend_sentence(trend)), style="default")
    for threshold in load.thresholds:
        kept = threshold.verdict is Verdict.PASS
        mark = Text("✓ " if kept else "✗ ", style="green" if kept else "bold red")
        yield Text()
        yield mark.append(printable(threshold_sentence(threshold)), style="default")
    for note in load.notes:
        yield Text()
        yield Text(printable(f"note: {note}"), style="dim")


def _endpoints(load: Load) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0), expand=True)
    table.add_column("endpoint", ratio=1, overflow="fold")
    for name in ("requests", "failed", "req/s", "p50", "p95", "p99", "max", "lost to others"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in load.endpoints:
        failures = Text(str(each.failures), style="bold red" if each.failures else "")
        table.add_row(
            Text(printable(each.name)),
            str(each.requests),
            failures,
            rate(each.rate_per_s),
            *(seconds(took) for took in (each.p50_s, each.p95_s, each.p99_s, each.max_s)),
            seconds(each.lost_s),
        )
    return table


def _finding(found: LoadFinding, *, failed: bool) -> Iterator[RenderableType]:
    head = Text("✗ ", style="bold red") if failed else Text("! ", style="yellow")
    head.append(printable(finding_title(found)), style="bold")
    head.append(f"  {find_code(found.code)}", style="dim")
    yield head
    lines = [Text(printable(finding_sentence(found))), *place_lines(found)]
    yield from (Padding(line, (0, 0, 0, 2)) for line in lines)
