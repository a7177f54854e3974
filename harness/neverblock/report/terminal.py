"""What rich lays out for a terminal, as text."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console

from neverblock.report.foreign import harmless

if TYPE_CHECKING:
    from rich.console import RenderableType


def printed(content: RenderableType, width: int, *, colour: bool) -> str:
    """Give content as a terminal of this width would show it, with no spaces at the ends."""
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(content)
    lines = (line.rstrip() for line in captured.get().splitlines())
    return harmless("\n".join(lines) + "\n")
