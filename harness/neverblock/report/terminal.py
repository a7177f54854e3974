"""What rich lays out for a terminal, as text."""

from __future__ import annotations

import re
from io import StringIO
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console

from neverblock.report.foreign import harmless

if TYPE_CHECKING:
    from rich.console import RenderableType

INDENTED = 20
"""The fewest columns that are left for a text, however narrow the terminal is."""


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


def shortened(name: str, width: int) -> str:
    """Give a name that fits: a longer one loses its beginning, but for the method.

    Paths differ at their ends.
    """
    if cell_len(name) <= width:
        return name
    method, blank, path = name.rpartition(" ")
    kept = f"{method}{blank}…" if blank and cell_len(method) < width // 2 else "…"
    path = path if kept != "…" else name
    return f"{kept}{_end(path, width - cell_len(kept))}"


def fitted(text: str, width: int) -> str:
    """Give a sentence in which no word is wider than the terminal: such a word loses its beginning.

    A name is then never broken over two lines.
    """
    return "".join(
        part if cell_len(part) <= width else f"…{_end(part, width - 1)}"
        for part in re.split(r"(\s+)", text)
    )


def configured(line: str, width: int) -> list[str]:
    """Give a line of configuration to be copied: a comment too long for the terminal is several."""
    if not line.startswith("#"):
        return [line]
    return wrap(line, max(width, INDENTED), subsequent_indent="# ", break_on_hyphens=False)


def _end(text: str, width: int) -> str:
    """Give the end of a name that fits, from the beginning of a part of it if there is one."""
    while cell_len(text) > width:
        text = text[1:]
    whole = text.find("/")
    return text[whole:] if whole > 0 else text
