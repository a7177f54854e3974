"""The garbage collector's pauses, recorded without running a line of Python."""

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


IN_A_ROW_S = 0.005
"""Collections of one thread that follow each other within this time are one pause: a C call that
makes a hundred thousand objects has hundreds."""


class GcPause(NamedTuple):
    """Collections in a row: their thread, when they began and ended, the CPU seconds they took."""

    ident: int
    from_s: float
    to_s: float
    cpu_s: float


class GcPauses:
    """Records every garbage collection of the process, whichever thread it happens in."""

    def __init__(self) -> None:
        """Prepare; nothing is recorded before ``start``."""
        self._log: deque[tuple[str, int, float, float]] = deque(maxlen=100_000)
        self._note = _note_in_c(self._log)
        self._began: tuple[str, int, float, float] | None = None

    def start(self) -> None:
        """Begin to record collections."""
        gc.callbacks.append(self._note)

    def stop(self) -> None:
        """Stop recording."""
        gc.callbacks.remove(self._note)

    def take(self) -> list[GcPause]:
        """Give the pauses that ended since the last call. Only one thread may call this."""
        rows: list[list[float]] = []
        idents: list[int] = []
        log, began = self._log, self._began
        while log:
            reading = phase, ident, at_s, cpu_s = log.popleft()
            if phase == _START:
                began = reading
                continue
            if began is None or began[1] != ident:
                continue
            took_s = cpu_s - began[3]
            if idents and idents[-1] == ident and began[2] - rows[-1][1] < IN_A_ROW_S:
                rows[-1][1] = at_s
                rows[-1][2] += took_s
            else:
                idents.append(ident)
                rows.append([began[2], at_s, took_s])
        self._began = began
        return [GcPause(ident, *row) for ident, row in zip(idents, rows, strict=True)]


def _note_in_c(
    log: deque[tuple[str, int, float, float]],
) -> Callable[[str, dict[str, int]], object]:
    """Make a collector's callback that appends (phase, thread, time, CPU time) to the log.

    Hazard: a callback written in Python may release the GIL as it begins. CPython up to 3.11
    collects in the middle of C calls, so a ``json.loads`` that keeps the GIL for 300 ms would let
    the loop run at every collection, only because it is watched. So this is made of callables in C:
    ``getattr(phases, "start", info)`` advances an iterator that reads the clocks.
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


def collecting_s(pauses: Iterable[GcPause], ident: int, from_s: float, to_s: float) -> float:
    """Give the CPU seconds that a thread spent in collections between two instants."""
    total_s = 0.0
    for pause in pauses:
        shared_s = min(pause.to_s, to_s) - max(pause.from_s, from_s)
        if pause.ident == ident and shared_s > 0:
            total_s += pause.cpu_s * shared_s / (pause.to_s - pause.from_s)
    return total_s
