"""The blamed lines as they stand in the app's files, while these can still be read."""

from __future__ import annotations

import linecache
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeVar

    from neverblock.result import Blame

    Placed = TypeVar("Placed", bound=Blame)

BEFORE, AFTER = 3, 3
STDLIB = re.compile(r"/lib(?:64)?/(python3\.\d+t?/.+)")


def located(blame: Placed, app_dir: Path) -> Placed:
    """Give the same blame with its source lines, and its files relative to the app.

    Files outside the app keep their part from site-packages on, those of the standard library
    theirs from pythonX.Y on; lines that cannot be read are absent.
    """
    linecache.checkcache(blame.file)
    lines = linecache.getlines(blame.file)
    first = max(1, blame.line - BEFORE)
    last = (blame.end_line or blame.line) + AFTER
    return replace(
        blame,
        file=relative(blame.file, app_dir),
        source=tuple(line.rstrip("\n") for line in lines[first - 1 : last]),
        source_line=first,
        path=tuple(replace(f, file=relative(f.file, app_dir)) for f in blame.path),
    )


def relative(file: str, app_dir: Path) -> str:
    """Give a file's path as a person of the project would write it."""
    path = Path(file)
    for marker in ("site-packages", "dist-packages"):
        if marker in path.parts:
            return "/".join(path.parts[path.parts.index(marker) + 1 :])
    if match := STDLIB.search(file):
        return match[1]
    root = app_dir.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file
