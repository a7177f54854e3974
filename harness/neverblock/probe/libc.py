"""The C library, called without giving the GIL away.

Whoever gives it away may get it back only at the end of a C call that keeps it, and what was to be
seen is over. ``os.read`` and its like give it away; ``ctypes.PyDLL`` does not.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache

_CHUNK = 16_384


@cache
def libc() -> ctypes.PyDLL:
    """Give the C library. Raises OSError or TypeError where it cannot be had, as on Windows."""
    return ctypes.PyDLL(None, use_errno=True)


def read_whole(file: str) -> bytes | None:
    """Read a file, of /proc as well; None where that cannot be done."""
    if os.name == "nt":
        return None
    c = libc()
    descriptor = c.open(os.fsencode(file), os.O_RDONLY | os.O_CLOEXEC)
    if descriptor < 0:
        return None
    buffer, parts = ctypes.create_string_buffer(_CHUNK), []
    try:
        while (size := c.read(descriptor, buffer, _CHUNK)) > 0:
            parts.append(ctypes.string_at(buffer, size))
        return b"".join(parts) if size == 0 else None
    finally:
        c.close(descriptor)
