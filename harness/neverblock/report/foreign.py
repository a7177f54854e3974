"""Text of the app's in what is printed: no line of it is a command to whoever reads it. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

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


def harmless_json(saved: Any, *, indent: int | None = None) -> str:
    """Give a value as JSON in which nothing is such a command; whoever reads it gets all of it.

    A text has no line breaks there, and with them goes all that has to begin a line.
    """
    text = json.dumps(saved, ensure_ascii=False, indent=indent)
    return text.replace("##[", "#\\u0023[")


def _spaced(command: re.Match[str]) -> str:
    return "## [" if command[0] == "##[" else f"{command[1]}{command[2]}: :"
