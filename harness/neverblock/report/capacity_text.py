"""A capacity in the terminal: the ceiling, what limits it, and the curve beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from neverblock.report.capacity_words import capacity_said, capacity_title
from neverblock.report.summary import printable
from neverblock.report.terminal import fitted
from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from neverblock.result.capacity import Capacity, Level


def capacity_lines(capacities: Sequence[Capacity], width: int) -> Iterator[RenderableType]:
    """Yield each endpoint's ceiling, what is said of it, and its levels."""
    for number, capacity in enumerate(capacities):
        if number:
            yield Text()
        yield Text(fitted(printable(capacity_title(capacity)), width), style="bold")
        yield _said(capacity)
        if capacity.levels:
            yield Text()
            yield _levels(capacity)
    generator_per_s = max((each.generator_per_s for each in capacities), default=0.0)
    if generator_per_s:
        yield Text()
        yield Text(f"generator: reaches {rate(generator_per_s)} requests a second", style="dim")


def _said(capacity: Capacity) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in capacity_said(capacity):
        table.add_row(f"  {label}:", Text(printable(text)))
    return table


def _levels(capacity: Capacity) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("  at once", "req/s", "from", "to", "p50", "p99", "failed"):
        table.add_column(name, justify="right", no_wrap=True)
    for level in capacity.levels:
        knee = level.n == capacity.at_n
        table.add_row(*_cells(level), style="bold" if knee else "")
    return table


def _cells(level: Level) -> tuple[str, ...]:
    return (
        str(level.n),
        *(rate(each) for each in (level.rate_per_s, level.low_per_s, level.high_per_s)),
        seconds(level.p50_s),
        seconds(level.p99_s),
        str(level.failures),
    )
