"""Stacks as tools tell of them, made into frames of the corpus."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import truth

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(os.environ.get("CORPUS", truth.ROOT))
"""The corpus that a tool is put to, in a process of its own."""
APP = ROOT / truth.package_of(ROOT)

Frame = tuple[str, int, str]
"""File (relative to the corpus), line and function; the function is empty where none is told."""
Stack = list[Frame]
"""Innermost frame last."""

_PLACE = re.compile(
    r'File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>\S+))?'
    r"|(?P<file2>/[^\s:]+\.py):(?P<line2>\d+)(?::(?P<function2>\w+))?"
)


def own_frames(frames: Iterable[tuple[str, int | None, str]]) -> Stack:
    """Keep the frames of the corpus's app."""
    return frames_within(ROOT, frames)


def frames_within(root: Path, frames: Iterable[tuple[str, int | None, str]]) -> Stack:
    """Keep the frames of the app of a corpus, with files relative to it."""
    app = root / truth.package_of(root)
    return [
        (str(Path(file).relative_to(root)), line or 0, function)
        for file, line, function in frames
        if Path(file).is_relative_to(app)
    ]


def told_in(text: str) -> Stack:
    """Read the frames out of what a tool printed, in the order of its telling."""
    return own_frames(
        (
            found["file"] or found["file2"],
            int(found["line"] or found["line2"]),
            found["function"] or found["function2"] or "",
        )
        for found in _PLACE.finditer(text)
    )
