"""The gate's decision at the terminal: what it minds, what it lets pass, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from neverblock.errors import ExitCode
from neverblock.report.summary import printable
from neverblock.report.terminal import printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from neverblock.gate.decide import Decision
    from neverblock.gate.reason import Reason

HEADLINES = {
    ExitCode.OK: ("The gate passes.", "bold green"),
    ExitCode.FAILED: ("The gate fails.", "bold red"),
    ExitCode.NOT_MEASURED: ("The gate fails: not all could be measured.", "bold yellow"),
    ExitCode.INTERRUPTED: ("The gate fails: the run is not whole.", "bold yellow"),
}


def render(decision: Decision, *, width: int = 80, colour: bool = False, told: bool = False) -> str:
    """Give the decision with its reasons, one beneath another.

    Where the findings have been ``told`` above, of each only what policy or baseline make of it.
    """
    return printed(Group(*_lines(decision, told=told)), width, colour=colour)


def _lines(decision: Decision, *, told: bool) -> Iterator[RenderableType]:
    for reason in decision.reasons:
        yield from _reason("✗", reason, "bold red", told=told)
    for reason in decision.tolerated:
        yield from _reason("~", reason, "yellow", told=told)
    for warning in decision.warnings:
        yield Text(printable(f"! {warning}"), style="yellow")
    headline, style = HEADLINES[decision.exit_code]
    yield Text(headline, style=style)


def _reason(symbol: str, reason: Reason, style: str, *, told: bool) -> Iterator[RenderableType]:
    head = Text(f"{symbol} ", style=style)
    head.append(printable(reason.endpoint or reason.line or "the run"), style="bold")
    about = ", ".join(part for part in (reason.code, reason.scenario) if part)
    head.append(f"  {about}" if about else "", style="dim")
    yield head
    is_result = reason.scenario is not None and reason.code is not None
    said = reason.because if told and is_result else reason.sentence
    if said is not None:
        yield Padding(Text(printable(said)), (0, 0, 0, 2))
