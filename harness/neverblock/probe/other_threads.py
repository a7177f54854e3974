"""The other threads of the process: which used the CPU while loop and watchdog could not run."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from .config import RESOLUTION_S
from .frames import Level, current_frames, walk
from .gc_pauses import collecting_s
from .internals import WORKER, has_gil
from .thread_state import GilWait, State, may_have_lost_gil, system_call
from .tier import current_tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from .gc_pauses import GcPause

_TRIES = 3
"""Attempts at one check: a thread that lost the GIL in the first has just got it back."""

_SHARE = 0.25
"""The part of the time that a thread must have spent on CPU to be a GIL holder."""


class GilHolder(NamedTuple):
    """A thread that used the CPU while the watchdog could not run, and its stack after that.

    ``levels`` is empty where the thread has moved on since: its stack is not what it computed.
    """

    ident: int
    from_s: float
    to_s: float
    cpu_s: float
    levels: list[Level]
    gc_s: float = 0.0
    background: bool = False

    @property
    def notable(self) -> bool:
        """Whether it used enough of the time to be reported."""
        return self.cpu_s > (self.to_s - self.from_s) * _SHARE

    def with_collections(self, pauses: Iterable[GcPause]) -> GilHolder:
        """Say how much of it were garbage collections, whoever asked for them."""
        collecting = collecting_s(pauses, self.ident, self.from_s, self.to_s)
        return self._replace(gc_s=min(self.cpu_s, collecting))


class OtherThreads:
    """Reads the CPU clocks of all threads but the loop's and the watchdog's."""

    def __init__(self, loop_ident: int) -> None:
        """Take the loop thread, which is none of the others."""
        self._loop_ident = loop_ident
        self.not_these = {loop_ident}
        self.gil = GilWait(frozenset())
        self.gil_holders: list[GilHolder] = []
        self._cpu_s: dict[int, float] = {}
        self._native_ids: dict[int, int | None] = {}
        self._standing: set[int] = set()

    def stand_by(self, idents: Iterable[int]) -> None:
        """Remember the threads that are there while no request is: they are the app's own."""
        self._standing = set(idents)

    def check(self, due_s: float) -> None:
        """Read the clocks; if this call is late, record which thread used the CPU since the last.

        Without a GIL nobody can keep it from this thread: nothing is recorded.
        ``due_s`` is when this call was due. A thread that just lost the GIL is still in the call
        that kept it, so whichever of loop and watchdog gets the GIL next must check.
        """
        if not has_gil():
            return
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
        holder = GilHolder(ident, due_s, now, used_s, [])
        if holder.notable:
            levels = walk(frames[ident], None)
            own = self.is_own(ident, levels)
            levels = [] if self._went_on(ident) else levels
            self.gil_holders.append(holder._replace(levels=levels, background=own))

    def kept_gil(self, from_s: float, to_s: float, pauses: Iterable[GcPause]) -> list[GilHolder]:
        """Give who kept the GIL between two instants, with how much of it were collections.

        The probe's own threads are among them where the collector chose one of them to collect in:
        that is nobody's doing, as in any other thread that did not ask for it.
        """
        pauses = list(pauses)
        collected = [
            GilHolder(pause.ident, pause.from_s, pause.to_s, pause.cpu_s, [], background=True)
            for pause in pauses
            if pause.ident in self.not_these - {self._loop_ident}
        ]
        return [
            holder.with_collections(pauses)
            for holder in (*self.gil_holders, *collected)
            if holder.notable and holder.from_s < to_s and holder.to_s > from_s
        ]

    def is_own(self, ident: int, levels: Sequence[Level]) -> bool:
        """Whether a thread is there without requests, and by its stack works for no pool."""
        return ident in self._standing and not _works_for_pool(levels)

    def _went_on(self, ident: int) -> bool:
        """Whether a thread waits for something other than the GIL, as an idle worker does."""
        native_id = self._native_ids.get(ident)
        call = system_call(native_id) if self.gil and native_id else None
        return self.gil.state(call) is State.BLOCKED

    def _clocks(self, idents: AbstractSet[int]) -> dict[int, float]:
        """Read the CPU clocks of these threads; a thread without one is left out."""
        known = self._native_ids
        if not idents <= known.keys():
            # Hazard: enumerate takes a lock and may release the GIL, so only for new threads.
            native_ids = {thread.ident: thread.native_id for thread in threading.enumerate()}
            known = {ident: native_ids.get(ident) for ident in idents}
        clocks = {ident: current_tier().thread_cpu_s(known[ident]) for ident in idents}
        # A new thread may reuse the ident of one that ended: forget those without a clock.
        self._native_ids = {
            ident: known[ident]
            for ident in idents
            if clocks[ident] is not None or known[ident] is None
        }
        return {ident: clock_s for ident, clock_s in clocks.items() if clock_s is not None}


def _works_for_pool(levels: Sequence[Level]) -> bool:
    """Whether a thread is an executor's or anyio's, which works for requests."""
    return any(
        level.frame.f_code is WORKER
        or level.frame.f_globals.get("__name__", "").startswith("anyio.")
        for level in levels
    )
