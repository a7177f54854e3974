"""How soon the watchdog gets the GIL from a loop thread that computes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .internals import has_gil

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .attribution import Sample

SHORT_S = 0.0005
"""The shortest switch interval: a sample of forty levels takes 0.15 ms, and has to be whole."""

KEPT, INTERRUPTED = 63 / 64, 2
"""What a sample changes the interval by: on a slow machine it settles where most are kept."""

RECENT = 8
"""The samples that tell whether the loop thread computes: some come in pairs, at once."""


class Switching:
    """The interpreter's switch interval: short where the loop thread runs Python, else the app's.

    Hazard: a thread that wants the GIL gets it where the one that has it waits for anything, or
    after the switch interval. With the usual one most samples of a computation that now and
    then opens a file would show it opening files. Others that wait for the GIL get it as fast
    meanwhile, so this is only where the loop thread itself computes, and from when the watchdog
    gives the GIL away until it has it again. In a C call that keeps the GIL nothing is gained, and
    the sample at its end would be interrupted.
    """

    def __init__(self) -> None:
        """Leave the interval as it is."""
        self._own_s = self._set_s = sys.getswitchinterval()
        self._short_s = SHORT_S

    def interrupted(self) -> None:
        """Take that the GIL was lost in a sample: the interval was too short, and is the app's."""
        self._short_s = min(self._own_s, self._short_s * INTERRUPTED)
        self.restore()

    def adapt(self, samples: Sequence[Sample], cpu_s: float) -> None:
        """Set the interval for the next sample of a stall, before which ``cpu_s`` were computed.

        Without a GIL no thread waits for another's turn, and the interval means nothing.
        """
        if not has_gil():
            return
        self.restore()
        self._short_s = max(SHORT_S, self._short_s * KEPT)
        own_s = self._own_s = sys.getswitchinterval()
        if computes(samples, cpu_s) and samples[-1].at_s - samples[-1].due_s < 2 * own_s:
            sys.setswitchinterval(min(own_s, self._short_s))
        self._set_s = sys.getswitchinterval()

    def restore(self) -> None:
        """Set the app's own interval again, unless the app has set another one meanwhile."""
        if sys.getswitchinterval() == self._set_s != self._own_s:
            sys.setswitchinterval(self._own_s)


def computes(samples: Sequence[Sample], cpu_s: float) -> bool:
    """Say whether the loop thread computed for most of the time of the last samples of a stall.

    ``cpu_s`` is what it had computed before the stall. What it is in at a sample does not tell:
    having lost the GIL to the watchdog, it waits for it.
    """
    if not samples:
        return False
    earlier, last = samples[-RECENT:-1], samples[-1]
    from_s = last.due_s
    if earlier and earlier[0].cpu_s is not None:
        from_s, cpu_s = earlier[0].at_s, earlier[0].cpu_s
    return last.cpu_s is not None and last.cpu_s - cpu_s > (last.at_s - from_s) / 2
