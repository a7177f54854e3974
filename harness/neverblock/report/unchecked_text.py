"""What was not checked, in the terminal: alike reasons together, and what to configure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from neverblock.report.summary import by_reason, printable
from neverblock.report.terminal import configured, fitted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from neverblock.result import Run

MOST = 12
"""The most endpoints that are named for one reason."""


def unchecked(run: Run, width: int) -> Iterator[RenderableType]:
    """Yield a paragraph for each reason: the endpoints, and the configuration for the first."""
    for sentence, alike in by_reason(run.unchecked).items():
        yield Text()
        yield Text.assemble(("not checked: ", "bold"), fitted(printable(sentence), width))
        names = [f"{one.method} {one.path}" for one in alike]
        yield Padding(Text(fitted(listed(names), width - 2)), (0, 0, 0, 2))
        for line in alike[0].reason.splitlines()[1:]:
            for part in configured(printable(line), width - 4):
                yield Text(f"    {part}", style="green")


def listed(names: Sequence[str]) -> str:
    """Give the first of some names on one line, and how many more there are."""
    more = [f"... and {len(names) - MOST} more"] if len(names) > MOST else []
    return ", ".join([*map(printable, names[:MOST]), *more])
