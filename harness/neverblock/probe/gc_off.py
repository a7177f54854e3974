"""Keeps the garbage collector out while other threads must stand still."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def uncollected() -> Iterator[None]:
    """Let no garbage be collected meanwhile.

    Hazard: CPython up to 3.11 collects in the middle of C calls that allocate, and what is
    collected may give the GIL away. Where ``sys._current_frames`` does so, it still holds a lock of
    the runtime, and deadlocks the process with any thread that starts or ends
    (python/cpython#106883). Where ``f_back`` or ``f_locals`` does so, the thread that is looked at
    returns from the very frame, and its memory is written to afterwards: wrong objects, or a
    segmentation fault. Where ``ast.parse`` does so (up to 3.11.7, python/cpython#106905), and
    another thread parses meanwhile, the two share a counter: a SystemError is raised in one.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
