"""Switches the garbage collector off while other threads must stand still."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def gc_off() -> Iterator[None]:
    """Switch the garbage collector off for a block of code.

    Hazard: CPython up to 3.11 collects in the middle of C calls that allocate, and a finalizer may
    release the GIL. In ``sys._current_frames`` that happens under a lock of the runtime, and
    deadlocks the process with any thread that starts or ends (python/cpython#106883). In ``f_back``
    or ``f_locals`` the sampled thread may return from the frame that is being read, whose memory is
    then written to: wrong objects, or a segmentation fault. In ``ast.parse`` (up to 3.11.7,
    python/cpython#106905) two threads that parse share a counter, and one raises SystemError.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
