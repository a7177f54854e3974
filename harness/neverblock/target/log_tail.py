"""The end of what a server printed, cut down to what its author needs to see. Pure."""

from __future__ import annotations

import re
from pathlib import Path

from neverblock.target.last_words import FATAL, is_own, last_stack

LINES = 12
"""How many lines are shown, from the end, of output that is no traceback."""

HEADER = "Traceback (most recent call last):"
FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line \d+')


def log_tail(printed: str, app_dir: Path) -> str:
    """Give the end of a server's output; of a traceback, the frames of the user's own code.

    ``app_dir`` is the folder with the user's own code. Of a traceback without frames of the user's
    the error itself remains. So it is of the stack that a fatal signal leaves.
    """
    fatal = printed.rfind(FATAL)
    if fatal > printed.rfind(HEADER):
        return _fatal_tail(printed[fatal:], app_dir)
    before, header, traceback = printed.rstrip().rpartition(HEADER)
    if not header:
        return "\n".join(printed.strip().splitlines()[-LINES:])
    first, *lines = traceback.splitlines()
    own, hidden, end = _own_frames(lines, app_dir)
    if not own and not end:
        return "\n".join([*before.splitlines(), header, first, *lines][-LINES:])
    note = [f"  ({hidden} frames of libraries left out)"] if hidden else []
    return "\n".join([header, *own, *note, *end[:LINES]])


def has_traceback(tail: str) -> bool:
    """Say whether the end of an output shows why something failed, and not only that it ran."""
    return HEADER in tail or FATAL in tail


def _fatal_tail(printed: str, app_dir: Path) -> str:
    """Give the error of a fatal signal, and of the stack that it hit the user's own frames."""
    frames = last_stack(printed, app_dir)
    own = [f for f in frames if f.owner == "project"] or list(frames[:LINES])
    lines = [f'  File "{frame.file}", line {frame.line} in {frame.function}' for frame in own]
    return "\n".join([printed.splitlines()[0], *lines])


def _own_frames(lines: list[str], app_dir: Path) -> tuple[list[str], int, list[str]]:
    """Split a traceback into the user's frames, the number of other frames, and the error."""
    own: list[str] = []
    hidden, keep = 0, False
    for at, line in enumerate(lines):
        if frame := FRAME.match(line):
            keep = is_own(Path(frame["file"]), app_dir)
            hidden += not keep
        elif line and not line[0].isspace():
            return own, hidden, [each for each in lines[at:] if each.strip()]
        if keep:
            own.append(line)
    return own, hidden, []
