"""Python's garbage collector, kept out of bursts: its pauses in the client would read as latency.

At n = 1000 it took a fifth of the client's CPU time, and more in a process with a large heap.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class CollectorPause:
    """Keeps the collector from running between enter and exit; bursts may overlap."""

    def __init__(self) -> None:
        """Start outside of any burst."""
        self._inside = 0
        self._was_enabled = False

    def __enter__(self) -> None:
        """Pause the collector, unless a burst already does."""
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
        """Let it run again after the last burst, if it did before the first."""
        self._inside -= 1
        if self._inside == 0 and self._was_enabled:
            gc.enable()


no_collection = CollectorPause()
"""The one pause of this process: the collector is one as well."""
