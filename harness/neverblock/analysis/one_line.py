"""A reason of several lines, told in one: its sentence, and the error that it quotes. Pure."""

from __future__ import annotations

import re

HEADER = "Traceback (most recent call last):"

_INTRODUCES = re.compile(r"(; (add|or add|exclude it with|meanwhile [^;]*:)|:)$")
"""How a first line ends that is completed by the lines beneath it: they are not told."""

_FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line (?P<line>\d+)')
_LIBRARIES = ("/site-packages/", "/dist-packages/", "/lib/python", "<frozen ")


def in_one_line(reason: str) -> str:
    """Give a reason's first sentence; with a traceback, its error and the innermost own line.

    ``answers 500 to a single request for /orders/1: KeyError: 1 (/app/shop/orders.py:12)``.
    """
    first, _, rest = reason.partition("\n")
    if not rest:
        return reason
    said = _INTRODUCES.sub("", first.rstrip())
    error = _error(rest)
    return f"{said}: {error}" if error else said


def _error(text: str) -> str:
    """Give the last traceback's error and where the user's own code raised it; "" without one."""
    before, header, traceback = text.rpartition(HEADER)
    if not header:
        return ""
    margin = before.rpartition("\n")[2]  # within an exception group, each line has one
    if "|" in margin:
        traceback = re.sub(r"(?m)^ *\| ?", "", traceback)
    place = ""
    for line in traceback.splitlines()[1:]:
        if frame := _FRAME.match(line):
            if not any(library in frame["file"] for library in _LIBRARIES):
                place = f" ({frame['file']}:{frame['line']})"
        elif line and not line[0].isspace():
            return f"{line.rstrip()}{place}"
    return ""
