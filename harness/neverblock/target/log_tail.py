"""What a server printed before it ended, cut down to what its author wants to see. Pure."""

from __future__ import annotations

import re
from pathlib import Path

LINES = 12
"""Of what is no traceback, so many lines from the end are shown."""

HEADER = "Traceback (most recent call last):"
FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line \d+')
INSTALLED = {"site-packages", "dist-packages"}


def log_tail(printed: str, app_dir: Path) -> str:
    """Give the end of a server's output; of a traceback, the frames of the user's own code.

    ``app_dir`` is the folder whose code is the user's own. Where no frame of a traceback is, its
    last line is what counts.
    """
    before, header, traceback = printed.rstrip().rpartition(HEADER)
    if not header:
        return "\n".join(printed.strip().splitlines()[-LINES:])
    first, *lines = traceback.splitlines()
    own, hidden, end = _own_frames(lines, app_dir)
    if not own and not end:
        return "\n".join([*before.splitlines(), header, first, *lines][-LINES:])
    told = [f"  ({hidden} frames of libraries left out)"] if hidden else []
    return "\n".join([header, *own, *told, *end[:LINES]])


def _own_frames(lines: list[str], app_dir: Path) -> tuple[list[str], int, list[str]]:
    """Split a traceback's lines: the user's frames, how many others, and what stands below all."""
    own: list[str] = []
    hidden, keep = 0, False
    for at, line in enumerate(lines):
        if frame := FRAME.match(line):
            keep = _is_own(Path(frame["file"]), app_dir)
            hidden += not keep
        elif line and not line[0].isspace():
            return own, hidden, [each for each in lines[at:] if each.strip()]
        if keep:
            own.append(line)
    return own, hidden, []


def _is_own(file: Path, app_dir: Path) -> bool:
    return file.is_relative_to(app_dir.resolve()) and not INSTALLED & set(file.parts)
