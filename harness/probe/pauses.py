"""The garbage collector's pauses, noted without running a line of Python."""

from __future__ import annotations

import gc
import threading
import time
from collections import deque
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_START, _STOP = "start", "stop"
"""The phases by which ``gc.callbacks`` are called."""


class Pause(NamedTuple):
    """One collection: the thread that made it, its beginning and end, the CPU seconds it took."""

    ident: int
    from_s: float
    to_s: float
    cpu_s: float


class _Reading(NamedTuple):
    phase: str
    ident: int
    at_s: float
    cpu_s: float


class Pauses:
    """Notes every collection of the process, in whichever thread it happens."""

    def __init__(self) -> None:
        """Prepare; nothing is noted before ``start``."""
        self._log: deque[tuple[str, int, float, float]] = deque(maxlen=100_000)
        self._note = _note_in_c(self._log)
        self._began: _Reading | None = None

    def start(self) -> None:
        """Begin to note collections."""
        gc.callbacks.append(self._note)

    def stop(self) -> None:
        """Note no more."""
        gc.callbacks.remove(self._note)

    def take(self) -> list[Pause]:
        """Give the collections that ended since the last call. For one thread alone to call."""
        ended = []
        while self._log:
            reading = _Reading(*self._log.popleft())
            began = self._began
            if reading.phase == _START:
                self._began = reading
            elif began is not None and began.ident == reading.ident:
                cpu_s = reading.cpu_s - began.cpu_s
                ended.append(Pause(began.ident, began.at_s, reading.at_s, cpu_s))
        return ended


def _note_in_c(
    log: deque[tuple[str, int, float, float]],
) -> Callable[[str, dict[str, int]], object]:
    """Make a collector's callback that appends (phase, thread, time, CPU time) to the log.

    Hazard: a callback written in Python gives the GIL away where it begins. CPython up to 3.11
    collects in the middle of C calls, so a ``json.loads`` that keeps the GIL for 300 ms would let
    the loop run at every collection, and only because somebody watches it. So this is made of
    callables in C: ``getattr(phases, "start", info)`` advances an iterator which reads the clocks.
    """

    def noting(phase: str) -> property:
        clocks = (iter(clock, None) for clock in _CLOCKS)
        readings = map(log.append, zip(repeat(phase), *clocks))
        return property(partial(next, readings))

    return partial(getattr, type("Phases", (), {each: noting(each) for each in (_START, _STOP)})())


_CLOCKS: tuple[Callable[[], float], ...] = (
    threading.get_ident,
    time.monotonic,
    time.thread_time,
)


def collecting_s(pauses: Iterable[Pause], ident: int, from_s: float, to_s: float) -> float:
    """Give the CPU seconds that a thread spent in collections between two instants."""
    total_s = 0.0
    for pause in pauses:
        shared_s = min(pause.to_s, to_s) - max(pause.from_s, from_s)
        if pause.ident == ident and shared_s > 0:
            total_s += pause.cpu_s * shared_s / (pause.to_s - pause.from_s)
    return total_s
