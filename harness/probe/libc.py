"""The C library, called without giving the GIL away.

Whoever gives it away may get it back only at the end of a C call that keeps it, and what was to be
seen is over. ``os.read`` and its like give it away; ``ctypes.PyDLL`` does not.
"""

from __future__ import annotations

import ctypes
from functools import cache


@cache
def libc() -> ctypes.PyDLL:
    """Give the C library. Raises OSError or TypeError where it cannot be had, as on Windows."""
    return ctypes.PyDLL(None, use_errno=True)
