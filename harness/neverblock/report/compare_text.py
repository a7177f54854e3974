"""A comparison at the terminal: what changed, from what to what, and how sure that is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from neverblock.gate.change import Change
from neverblock.gate.changes import endpoint_said, finding_said, left_out_sentence
from neverblock.report.changes import LOAD_LEGEND, STYLES, SYMBOLS, everything
from neverblock.report.summary import printable
from neverblock.report.terminal import fitted, printed
from neverblock.units import share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from neverblock.gate.compare import Comparison, Difference, Interval
    from neverblock.gate.compare_load import LoadComparison
    from neverblock.result import Result

LEGEND = (
    "Each figure with the range of its samples. Wall over serial bound: 100% is one after another; "
    "held: the share of its own time for which an endpoint held the loop."
)


def render(comparison: Comparison, *, width: int = 80, colour: bool = False) -> str:
    """Give a line for each endpoint that changed, and the counts of all."""
    order = list(SYMBOLS)
    changed = sorted(
        (each for each in comparison.differences if each.change is not Change.SAME),
        key=lambda each: order.index(each.change),
    )
    load = comparison.load
    parts: list[RenderableType] = [
        Text(f"{comparison.base_started_at} -> {comparison.head_started_at}", style="dim")
    ]
    if changed:
        parts += [Text(), _table(changed), Text(LEGEND, style="dim")]
    if load is not None:
        parts += [Text(), *_load(load, width)]
    parts += [Text(), *_lines(comparison)]
    if comparison.left_out:
        parts.append(Text(printable(left_out_sentence(comparison.left_out)), style="dim"))
    return printed(Group(*parts, _counts(comparison)), width, colour=colour)


def _lines(comparison: Comparison) -> Iterator[Text]:
    """Yield what became of the lines that held the loop for no request."""
    for each in comparison.lines:
        if each.change is not Change.SAME:
            said = f"{SYMBOLS[each.change]} {each.change} background work: {printable(each.line)}"
            yield Text(said, STYLES[each.change])


def _load(load: LoadComparison, width: int) -> Iterator[RenderableType]:
    """Yield the lines that failed either load, then all endpoints, each with both its figures."""
    order = list(SYMBOLS)
    told = [
        *((f.line, f.change, finding_said(f.base), finding_said(f.head)) for f in load.findings),
        *(
            (e.endpoint, e.change, endpoint_said(e.base), endpoint_said(e.head))
            for e in sorted(load.endpoints, key=lambda each: order.index(each.change))
        ),
    ]
    for name, change, before, now in told:
        yield Text(fitted(printable(f"{SYMBOLS[change]} {name}  {change}"), width), STYLES[change])
        yield from (Text(f"  {side}: {said}") for side, said in (("before", before), ("now", now)))
    yield Text(LOAD_LEGEND, style="dim")


def _table(changed: list[Difference]) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), expand=True)
    table.add_column("endpoint", ratio=1, overflow="fold")
    for name in ("change", "before", "now"):
        table.add_column(name, overflow="fold")
    for difference in changed:
        table.add_row(
            printable(f"{difference.endpoint} ({difference.scenario})"),
            Text(f"{SYMBOLS[difference.change]} {difference.change}", STYLES[difference.change]),
            _said(difference.base),
            _said(difference.head),
        )
        for shift in difference.shifts:
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
    return f"{share(interval.value)} ({share(interval.low)} to {share(interval.high)})"


def _counts(comparison: Comparison) -> Text:
    counts = Counter(each.change for each in everything(comparison))
    text = Text()
    for change, symbol in SYMBOLS.items():
        if counts[change]:
            text.append(f"{symbol} {counts[change]} {change}  ", style=STYLES[change])
    return text if counts else Text("Neither run has a result.")
