"""A blamed place in the terminal: its source, the way to it, and what to use instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from neverblock.report.call_path import call_path
from neverblock.report.summary import marked, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from neverblock.result import Advice, Blame


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
            yield Text(f"  {'':>{gutter}} │ {pad}{'^' * len(expression)}", style="bold red")
    if steps := call_path(blame):
        yield Text("called through", style="dim")
        yield from (Text(printable(f"  {step}")) for step in steps)
    if blame.note:
        yield Text(printable(f"note: {blame.note}"), style="dim")
    if blame.advice is not None:
        yield from advice_lines(blame.advice)


def advice_lines(advice: Advice) -> Iterator[RenderableType]:
    """Yield what to use instead, as one line of code, and why."""
    yield Text.assemble("use ", (printable(advice.instead), "bold green"), ":")
    yield Text(printable(f"  {advice.code}"), style="green")
    yield Text(printable(advice.why), style="dim")


def _code(text: str) -> str:
    return printable(text.replace("\t", "    "))
