"""A table in the terminal whose rows go by names, none of which is broken over two lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from neverblock.report.terminal import shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

WIDE = 110
"""Columns of a terminal that has room for every figure."""

LEAST_NAME = 16
"""Columns of a name that say enough of it; where there are fewer, names get lines of their own."""

GAP = 2


def named_rows(
    names: Sequence[str], rows: Sequence[Sequence[Text]], width: int, left: Collection[int] = ()
) -> Iterator[Text]:
    """Yield the lines of a table, the first of which is its head; none is wider than the terminal.

    A name that has no room beside its figures stands above them. Figures are set to the right, but
    for the columns that are named to the ``left``.
    """
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    room = width - sum(widths) - GAP * len(widths)
    beside = [cell_len(name) for name in names if cell_len(name) <= room]
    column = max(beside, default=0) if room >= LEAST_NAME else 0
    for number, (name, row) in enumerate(zip(names, rows, strict=True)):
        style = "" if number else "dim"
        line = Text(name if cell_len(name) <= column else "", style=style)
        if cell_len(name) > column:
            yield Text(shortened(name, width), style=style, no_wrap=True)
        line.append(" " * (column - line.cell_len))
        for at, (cell, size) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (size - cell.cell_len)
            line.append(" " * GAP if line.cell_len or at else "  ")
            line.append_text(Text.assemble(cell, gap) if at in left else Text.assemble(gap, cell))
        line.no_wrap, line.overflow = True, "crop"
        yield line
