"""A comparison at the terminal: what changed, from what to what, and how sure that is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from neverblock.gate.compare import Change
from neverblock.report.summary import printable
from neverblock.report.terminal import printed

if TYPE_CHECKING:
    from rich.console import RenderableType

    from neverblock.gate.compare import Comparison, Difference, Interval
    from neverblock.result import Result

SYMBOLS = {
    Change.NEWLY_BLOCKING: ("✗", "bold red"),
    Change.WORSE: ("▲", "red"),
    Change.GONE: ("!", "bold magenta"),
    Change.NOT_COMPARABLE: ("?", "yellow"),
    Change.NEW: ("+", "cyan"),
    Change.BETTER: ("▼", "green"),
    Change.MENDED: ("✓", "bold green"),
    Change.SAME: ("=", "dim"),
}
"""In the order in which they are told."""

LEGEND = (
    "Each figure with the range of its samples. Wall over serial bound: 100% is one after another; "
    "held: the share of its own time for which an endpoint held the loop."
)


def render(comparison: Comparison, *, width: int = 80, colour: bool = False) -> str:
    """Give a line for each endpoint that changed, and the counts of all."""
    order = list(SYMBOLS)
    told = sorted(
        (found for found in comparison.differences if found.change is not Change.SAME),
        key=lambda found: order.index(found.change),
    )
    parts: list[RenderableType] = [
        Text(f"{comparison.base_started_at} -> {comparison.head_started_at}", style="dim")
    ]
    if told:
        parts += [Text(), _table(told), Text(LEGEND, style="dim")]
    return printed(Group(*parts, Text(), _counts(comparison)), width, colour=colour)


def _table(told: list[Difference]) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), expand=True)
    table.add_column("endpoint", ratio=1, overflow="fold")
    for name in ("change", "before", "now"):
        table.add_column(name, overflow="fold")
    for found in told:
        symbol, style = SYMBOLS[found.change]
        table.add_row(
            printable(f"{found.endpoint} ({found.scenario})"),
            Text(f"{symbol} {found.change}", style=style),
            _said(found.base),
            _said(found.head),
        )
        for shift in found.shifts:
            table.add_row(
                Text(f"  {shift.figure}", style="dim"),
                Text("" if shift.change is Change.SAME else shift.change, style="dim"),
                Text(_interval(shift.base), style="dim"),
                Text(_interval(shift.head), style="dim"),
            )
    return table


def _said(result: Result | None) -> str:
    if result is None:
        return "-"
    judgement = result.judgement
    said = [str(judgement.verdict), str(judgement.diagnosis)]
    return " ".join(dict.fromkeys(said))


def _interval(interval: Interval) -> str:
    return f"{interval.value:.0%} [{interval.low * 100:.0f}, {interval.high * 100:.0f}]"


def _counts(comparison: Comparison) -> Text:
    counts = Counter(found.change for found in comparison.differences)
    told = Text()
    for change, (symbol, style) in SYMBOLS.items():
        if counts[change]:
            told.append(f"{symbol} {counts[change]} {change}  ", style=style)
    return told if counts else Text("Neither run has a result.")
