"""The lines of a file that somebody else is appending to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def whole_lines(file: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file up to the last that is whole.

    Hazard: a line that is read in part is the end, also where the rest of it is there a moment
    later. A file goes on after its end once there is more, and that rest would come as a line.
    """
    for line in file:
        if not line.endswith(b"\n"):
            return
        yield line
