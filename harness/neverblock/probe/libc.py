"""The C library, called without releasing the GIL.

``os.read`` and its like release it, and may get it back only at the end of another thread's C call,
when what was to be seen is over. ``ctypes.PyDLL`` keeps it.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache

_CHUNK = 16_384


@cache
def libc() -> ctypes.PyDLL:
    """Give the C library. Raises OSError or TypeError where it is not available (Windows)."""
    return ctypes.PyDLL(None, use_errno=True)


def read_whole(file: str) -> bytes | None:
    """Read a file, also one of /proc; None where it cannot be read."""
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
