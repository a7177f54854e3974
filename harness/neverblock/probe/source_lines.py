"""Lines of source, read without giving the GIL away: see ``libc``."""

from __future__ import annotations

import linecache
from functools import cache
from io import BytesIO, TextIOWrapper
from tokenize import detect_encoding

from neverblock.probe.libc import read_whole


@cache
def lines_of(file: str) -> list[str]:
    """Give the lines of a source file, each with its end; none where they cannot be had.

    What is no plain file (in an archive, or made up by its loader) is left to ``linecache``.
    """
    raw = read_whole(file)
    if raw is None:
        return linecache.getlines(file)
    try:
        encoding, _ = detect_encoding(BytesIO(raw).readline)
        return TextIOWrapper(BytesIO(raw), encoding).readlines()
    except (SyntaxError, UnicodeDecodeError):
        return []
