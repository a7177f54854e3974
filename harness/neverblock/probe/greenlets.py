"""A loop thread that runs within a greenlet, as all of SQLAlchemy's AsyncSession does.

The interpreter then shows the greenlet's frames as the thread's stack, or none at all where a
function in C is all that the greenlet runs. The frames of the loop, and of the handler that went
into the greenlet, are kept by the greenlet that was left: the thread's main one.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType


class Greenlets:
    """The main greenlet of one thread, where its process has loaded greenlets at all."""

    def __init__(self) -> None:
        """Know none yet."""
        self._main: Any = None

    def note(self) -> None:
        """Remember the calling thread's main greenlet. To be called in a callback of its loop."""
        if self._main is None and "greenlet" in sys.modules:
            self._main = sys.modules["greenlet"].getcurrent()

    def left_at(self) -> FrameType | None:
        """Give the frame in which the thread left its main greenlet; None where it has not."""
        return None if self._main is None else self._main.gr_frame
