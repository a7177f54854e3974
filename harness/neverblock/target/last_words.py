"""Where a process stood at a fatal signal: Python's own dump of its stacks, read. Pure.

Servers run with ``PYTHONFAULTHANDLER``: a segmentation fault, an abort and their like print the
stack of every thread, innermost call first.
"""

from __future__ import annotations

import re
from pathlib import Path

from neverblock.measurement import Frame

FATAL = "Fatal Python error: "
INSTALLED = {"site-packages", "dist-packages"}

_CURRENT = re.compile(r"^Current thread .*\(most recent call first\):$", re.MULTILINE)
_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<function>.+)$')


def last_stack(printed: str, app_dir: Path) -> tuple[Frame, ...]:
    """Give the stack of the thread that got the fatal signal, innermost first; empty without one.

    Frames below ``app_dir`` are the project's own, all others a library's.
    """
    fatal = printed.rfind(FATAL)
    if fatal < 0 or (current := _CURRENT.search(printed, fatal)) is None:
        return ()
    frames = []
    for line in printed[current.end() :].lstrip("\n").splitlines():
        if (seen := _FRAME.match(line)) is None:
            break
        own = is_own(Path(seen["file"]), app_dir)
        owner = "project" if own else "library"
        frames.append(Frame(seen["file"], int(seen["line"]), seen["function"], owner))
    return tuple(frames)


def is_own(file: Path, app_dir: Path) -> bool:
    """Say whether a file is the user's own: below the app's folder, and not installed there."""
    return file.is_relative_to(app_dir.resolve()) and not INSTALLED & set(file.parts)
