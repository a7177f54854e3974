"""Which routes reach a suspect: by the analyser's chain, else by the function around it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from neverblock.plan import Suspect


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that an app registers for a route, as handler or as dependency, with its lines."""

    route: str
    file: str
    first_line: int
    last_line: int


def routes_of(suspect: Suspect, handlers: Sequence[Handler]) -> tuple[str, ...]:
    """Name the routes that reach a suspect, in the app's order; none where that is not known.

    The first place of the chain that is in a handler counts, else the suspect's own line. A
    dependency belongs to every route that has it.
    """
    for file, line in (*suspect.chain, (suspect.file, suspect.line)):
        if found := _around(file, line, handlers):
            return tuple(dict.fromkeys(handler.route for handler in found))
    return ()


def _around(file: str, line: int, handlers: Iterable[Handler]) -> list[Handler]:
    """Give the handlers that hold a line, of those around each other the innermost alone."""
    around = [h for h in handlers if h.file == file and h.first_line <= line <= h.last_line]
    first = max((h.first_line for h in around), default=0)
    return [h for h in around if h.first_line == first]
