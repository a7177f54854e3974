"""Suspects in the terminal: each by its state, and beneath it what no analyser suspected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from neverblock.report.summary import printable
from neverblock.report.suspects_words import (
    MEANINGS,
    STATES,
    by_state,
    suspect_lines,
    suspect_said,
    suspect_title,
    unsuspected_lines,
)
from neverblock.result.suspects import SuspectState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from neverblock.result import Run
    from neverblock.result.suspects import SuspectResult

MOST = 20
"""The most suspects of one state that are listed; the page and run.json have all."""

STYLES = {
    SuspectState.CONFIRMED: "bold red",
    SuspectState.NOT_REACHED: "yellow",
    SuspectState.NOT_ASKED: "yellow",
    SuspectState.NOT_KNOWN: "yellow",
    SuspectState.HARMLESS: "green",
}


def suspects(run: Run) -> Iterator[RenderableType]:
    """Yield a paragraph for each state that occurs, and one for what nobody suspected."""
    for state, group in by_state(run.suspects or ()).items():
        yield Text()
        head = Text("suspects ", style="bold")
        head.append(STATES[state], style=STYLES[state])
        yield head.append(f": {MEANINGS[state]}", style="dim")
        for suspect in group[:MOST]:
            yield from _suspect(suspect)
        yield from _more(len(group))
    if nobody := unsuspected_lines(run):
        yield Text()
        yield Text.assemble(("measured, and not suspected: ", "bold"), f"{len(nobody)}")
        for line in nobody[:MOST]:
            yield Padding(Text(printable(line)), (0, 0, 0, 2))
        yield from _more(len(nobody))


def _suspect(suspect: SuspectResult) -> Iterator[RenderableType]:
    yield Padding(Text(printable(suspect_title(suspect))), (0, 0, 0, 2))
    yield Padding(Text(printable(suspect_said(suspect)), style="dim"), (0, 0, 0, 4))
    for line in suspect_lines(suspect).splitlines():
        yield Text(f"      {printable(line)}", style="green")


def _more(number: int) -> Iterator[RenderableType]:
    if number > MOST:
        yield Padding(Text(f"... and {number - MOST} more, on the page"), (0, 0, 0, 2))
