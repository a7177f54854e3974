"""A blamed place in the terminal: its source, the way to it, and what to use instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from neverblock.report.call_path import call_path
from neverblock.report.fix_text import fix_lines, fix_title
from neverblock.report.summary import marked, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from neverblock.result import Advice, Blame

BREAK = re.compile(r"[(\[{]|[,;] ?| ")
DIFF_STYLES = {"+": "green", "-": "red"}
HEADS = ("--- ", "+++ ")
LEAST_ROOM = 12
"""Columns for a line of code, however narrow the terminal is."""


def place_lines(blame: Blame) -> Iterator[RenderableType]:
    """Yield the source of a blamed line, the way to it, and what to use instead."""
    gutter = len(str(blame.source_line + len(blame.source)))
    for number, line in enumerate(blame.source, blame.source_line):
        if number != blame.line:
            yield Text(f"  {number:>{gutter}} │ {_code(line)}", style="dim", no_wrap=True)
            continue
        before, expression, after = map(_code, marked(blame))
        yield Text(f"> {number:>{gutter}} │ {before}{expression}{after}", no_wrap=True)
        if expression:
            pad = " " * len(before)
            carets = f"  {'':>{gutter}} │ {pad}{'^' * len(expression)}"
            yield Text(carets, style="bold red", no_wrap=True)
    if steps := call_path(blame):
        yield Text("called through", style="dim")
        yield from (Text(printable(f"  {step}")) for step in steps)
    if blame.note:
        yield Text(printable(f"note: {blame.note}"), style="dim")
    if blame.advice is not None:
        yield from advice_lines(blame.advice)


def advice_lines(advice: Advice) -> Iterator[RenderableType]:
    """Yield what to use instead, as a change of the app's file or an example, and why."""
    instead = (printable(advice.instead), "bold green")
    yield Text.assemble("use ", instead, f"; {fix_title(advice)}:")
    for line in map(_code, fix_lines(advice)):
        if advice.diff:
            style = "dim" if line[:4] in HEADS else DIFF_STYLES.get(line[:1], "dim")
            yield Text(f"  {line}", style=style, no_wrap=True)
        else:
            yield Code(line)
    yield Text(printable(advice.why), style="dim")


@dataclass(frozen=True, slots=True)
class Code:
    """A line of code that goes on beneath itself where the terminal is too narrow for it."""

    text: str

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Lay it out, broken only where a bracket opens or after a comma or a blank."""
        rest, indent = self.text, "  "
        while rest:
            room = max(options.max_width - len(indent), LEAST_ROOM)
            ends = [found.end() for found in BREAK.finditer(rest[:room])]
            at = len(rest) if cell_len(rest) <= room else (ends or [room])[-1]
            yield Text(f"{indent}{rest[:at].rstrip()}", style="green", no_wrap=True)
            rest, indent = rest[at:], "      "


def _code(text: str) -> str:
    return printable(text.replace("\t", "    "))
