"""The other threads of the process: who used the CPU while neither loop nor watchdog could run."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from neverblock.probe.config import RESOLUTION_S
from neverblock.probe.frames import Level, current_frames, walk
from neverblock.probe.gc_pauses import collecting_s
from neverblock.probe.thread_state import (
    GilWait,
    State,
    may_have_lost_gil,
    system_call,
    thread_cpu_s,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from neverblock.probe.gc_pauses import Pause

_TRIES = 3
"""To look in one go: who lost the GIL in the first has just got it back in the second."""

_SHARE = 0.25
"""Of the time in question, what a thread must have spent on CPU to be named."""


class Hog(NamedTuple):
    """Another thread, the CPU it used while the watchdog could not run, and its stack then.

    Without a stack where it was seen too late: what it stands on is not what it computed.
    """

    ident: int
    from_s: float
    to_s: float
    cpu_s: float
    levels: list[Level]

    @property
    def notable(self) -> bool:
        """Whether it used enough of the time to be named."""
        return self.cpu_s > (self.to_s - self.from_s) * _SHARE

    def without(self, pauses: Iterable[Pause]) -> Hog:
        """Take the collector's part out: a collection is no call that keeps the GIL."""
        collecting = collecting_s(pauses, self.ident, self.from_s, self.to_s)
        return self._replace(cpu_s=max(0.0, self.cpu_s - collecting))


class Bystanders:
    """Keeps the CPU clocks of all threads but the loop's and the watchdog's."""

    def __init__(self, loop_ident: int) -> None:
        """Take the loop thread, which is never a bystander."""
        self.not_these = {loop_ident}
        self.gil = GilWait(frozenset())
        self.hogs: list[Hog] = []
        self._cpu_s: dict[int, float] = {}
        self._native_ids: dict[int, int | None] = {}

    def look(self, due_s: float) -> None:
        """Read the clocks; if that comes late, note who used the CPU since the last time.

        ``due_s`` is when this call was meant to be. A thread that just lost the GIL still stands
        on the call which kept it, so whoever gets the GIL next must look, loop or watchdog.
        """
        for _ in range(_TRIES):
            now = time.monotonic()
            frames = current_frames()
            cpu_s = self._clocks(frames.keys() - self.not_these)
            if not may_have_lost_gil(now):
                break
        else:
            return
        before, self._cpu_s = self._cpu_s, cpu_s
        late_s = now - due_s
        if late_s <= RESOLUTION_S or not cpu_s:
            return
        ident = max(cpu_s, key=lambda each: cpu_s[each] - before.get(each, 0.0))
        used_s = min(late_s, cpu_s[ident] - before.get(ident, 0.0))
        hog = Hog(ident, due_s, now, used_s, [])
        if hog.notable:
            levels = walk(frames[ident], None)
            self.hogs.append(hog._replace(levels=[] if self._went_on(ident) else levels))

    def _went_on(self, ident: int) -> bool:
        """Whether a thread waits for anything but the GIL, as one does that is out of work."""
        native_id = self._native_ids.get(ident)
        call = system_call(native_id) if self.gil and native_id else None
        return self.gil.state(call) is State.BLOCKED

    def _clocks(self, idents: AbstractSet[int]) -> dict[int, float]:
        """Read the CPU clocks of these threads, as far as they have any."""
        known = self._native_ids
        if not idents <= known.keys():
            # Only for newcomers: it takes a lock, at which the GIL may be given away.
            native_ids = {thread.ident: thread.native_id for thread in threading.enumerate()}
            known = {ident: native_ids.get(ident) for ident in idents}
        clocks = {ident: thread_cpu_s(known[ident]) for ident in idents}
        # Another thread may have got the number of one that ended: asked for anew the next time.
        self._native_ids = {
            ident: known[ident]
            for ident in idents
            if clocks[ident] is not None or known[ident] is None
        }
        return {ident: clock_s for ident, clock_s in clocks.items() if clock_s is not None}
