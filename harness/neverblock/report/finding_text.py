"""One result in the terminal: the sentence, the source, the way there, what to do, the waits."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from neverblock.analysis.blame import written_place
from neverblock.analysis.codes import named
from neverblock.report.asides import asides
from neverblock.report.place_text import advice_lines, place_lines
from neverblock.report.summary import SYMBOLS, printable, waits, worth_telling
from neverblock.report.terminal import configured, fitted, shortened
from neverblock.report.unchecked_text import listed
from neverblock.report.verdict_table import STYLES
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from neverblock.result import Result

INDENT = 2
OF_ONE = "the change below is for this endpoint; each of the others needs its own"
"""Of endpoints with one line to blame, which is called in another function for each."""

MOST_BARS = 20
MOST_PLACES = 3


def finding(alike: Sequence[Result], width: int) -> Group:
    """Lay out the first of some results that have one cause; of the others, their names."""
    result, *others = alike
    judgement = result.judgement
    room = width - INDENT
    lines = (configured(printable(line), room) for line in judgement.reason.splitlines())
    said = [Text(fitted(line, room)) for line in chain.from_iterable(lines)]
    parts: list[RenderableType] = [*said]
    if others:
        parts.append(
            Text(f"the same in {len(others)} more: {fitted(listed(_names(others)), room)}")
        )
        if len({_diff(each) for each in alike}) > 1:
            parts.append(Text(OF_ONE))
    if result.as_expected is False and (expected := result.expected):
        expectation = f"≠ expected: {expected.verdict}, {expected.diagnosis}"
        parts.append(Text(expectation, style="bold red"))
    for note in [*judgement.notes, *asides(result)]:
        noted = f"note: {note}".splitlines()
        parts += [Text(fitted(printable(line), room), style="dim") for line in noted]
    shown: set[tuple[str, int]] = set()
    for blame in worth_telling(result.blame)[:MOST_PLACES]:
        doing = "computing" if blame.on_cpu else "waiting"
        held = f"held the loop {seconds(blame.held_s)} a request on average, {doing}"
        title = fitted(printable(written_place(blame)), room)
        parts += [Text(), Text(title, style="cyan")]
        parts.append(Text(held))
        if (blame.file, blame.line) not in shown:
            parts += place_lines(blame)
        shown.add((blame.file, blame.line))
    if result.advice is not None:
        parts += [Text(), *advice_lines(result.advice)]
    if result.measurement and result.records and result.scenario.duration_s is None:
        parts += [Text(), *_waterfall(result, min(width - 4, 76))]
    return Group(*_head(result, width), Padding(Group(*parts), (0, 0, 0, INDENT)))


def _diff(result: Result) -> str:
    advice = result.blame[0].advice if result.blame else None
    return advice.diff if advice else ""


def _names(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(result.endpoint.name for result in results))


def _head(result: Result, width: int) -> Iterator[Text]:
    """Yield the name with its diagnosis; a name that is too long for both stands alone."""
    judgement = result.judgement
    symbol = SYMBOLS[judgement.verdict]
    name = printable(result.endpoint.name)
    about = printable(f"{named(judgement.diagnosis)}, {result.scenario.name}")
    head = Text(no_wrap=True)
    head.append(f"{symbol} ", style=STYLES[judgement.verdict])
    head.append(shortened(name, width - head.cell_len), style="bold")
    if head.cell_len + INDENT + cell_len(about) > width:
        yield head
        yield Text(f"  {about}", style="dim")
    else:
        yield head.append(f"  {about}", style="dim")


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
