"""Switches the garbage collector of the load generator off during bursts.

At n = 1000 it took a fifth of the client's CPU time, and more in a process with a large heap; its
pauses would read as latency.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class GcOff:
    """A context manager that switches the collector off; bursts may overlap."""

    def __init__(self) -> None:
        """Start outside of any burst."""
        self._inside = 0
        self._was_enabled = False

    def __enter__(self) -> None:
        """Switch the collector off, unless another burst has done so."""
        if self._inside == 0:
            self._was_enabled = gc.isenabled()
            gc.disable()
        self._inside += 1

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Switch it on again after the last burst, if it was on before the first."""
        self._inside -= 1
        if self._inside == 0 and self._was_enabled:
            gc.enable()


gc_off = GcOff()
"""Shared by all bursts of this process, which has one collector."""
