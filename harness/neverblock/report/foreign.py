"""Text of the app's in what is printed: no line of it is a command to whoever reads it. Pure."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"(^|[\r\n])([^\S\r\n]*)::|##\[")
_CODE = re.compile(r"(<(style|script)\b.*?</\2>)", re.DOTALL)


def harmless(text: str) -> str:
    """Give a text in which no line is one of GitHub's workflow commands.

    Its runner takes a line for one that begins with ``::`` after blanks, or has ``##[`` in it.
    """
    parts = _CODE.split(text)  # a page's own styles have such lines, and nothing of the app's
    parts[::3] = (_COMMAND.sub(_spaced, part) for part in parts[::3])
    del parts[2::3]
    return "".join(parts)


def _spaced(command: re.Match[str]) -> str:
    return "## [" if command[0] == "##[" else f"{command[1]}{command[2]}: :"
