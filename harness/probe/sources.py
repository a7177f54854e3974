"""Lines of source, read without giving the GIL away: see ``libc``."""

from __future__ import annotations

import ctypes
import linecache
import os
from functools import cache
from io import BytesIO, TextIOWrapper
from tokenize import detect_encoding

from harness.probe.libc import libc


@cache
def lines_of(file: str) -> list[str]:
    """Give the lines of a source file, each with its end; none where they cannot be had.

    What is no plain file (in an archive, or made up by its loader) is left to ``linecache``.
    """
    raw = _read(file)
    if raw is None:
        return linecache.getlines(file)
    try:
        encoding, _ = detect_encoding(BytesIO(raw).readline)
        return TextIOWrapper(BytesIO(raw), encoding).readlines()
    except (SyntaxError, UnicodeDecodeError):
        return []


def _read(file: str) -> bytes | None:
    """Read a file by calls that keep the GIL; None where that cannot be done."""
    if os.name == "nt":
        return None
    c = libc()
    descriptor = c.open(os.fsencode(file), os.O_RDONLY | os.O_CLOEXEC)
    if descriptor < 0:
        return None
    try:
        size = c.lseek(descriptor, 0, os.SEEK_END)
        c.lseek(descriptor, 0, os.SEEK_SET)
        buffer = ctypes.create_string_buffer(max(0, size))
        return buffer.raw if c.read(descriptor, buffer, size) == size else None
    finally:
        c.close(descriptor)
