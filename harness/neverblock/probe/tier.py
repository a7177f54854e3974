"""What the probe asks of the system it runs on: chosen here, once in a process.

``linux`` is the whole probe: it asks the kernel what a thread waits for and whether it has a core.
``portable`` needs nothing but the standard library and the threads' CPU clocks.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import cache
from typing import TYPE_CHECKING, Protocol

from .deadline import Deadline, PollingDeadline
from .thread_clocks import create_clocks
from .thread_state import (
    GilWait,
    LinuxThreadMeter,
    ThreadMeter,
    learn_gil_wait,
    linux_thread_cpu_s,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TIER_VARIABLE = "NEVERBLOCK_TIER"
"""Set to ``portable``, it has a Linux machine measured as any other system is."""
LINUX, PORTABLE, NO_PROBE = "linux", "portable", "none"


class Tier(Protocol):
    """How time is kept and threads are read; CPU clocks go in steps of ``tick_s`` seconds.

    ``shows_calls`` says whether the system shows what a thread waits in.
    """

    name: str
    tick_s: float
    shows_calls: bool

    def create_deadline(self) -> Deadline:
        """Give a timer, disarmed. Raises OSError where the system refuses."""

    def meter(self, ident: int, native_id: int) -> ThreadMeter:
        """Give the meter of a thread. Raises OSError where the system refuses."""

    def thread_cpu_s(self, native_id: int | None) -> float | None:
        """Give the seconds of CPU that any thread used so far; None where that is not known."""

    def gil_wait(self) -> GilWait:
        """Learn how a wait for the GIL looks; empty where that cannot be seen."""


class LinuxTier:
    """The kernel's timer, the threads' clocks, and what /proc shows of them."""

    name = LINUX
    tick_s = 0.0
    shows_calls = True

    def create_deadline(self) -> Deadline:
        """Give the kernel's timer."""
        return Deadline()

    def meter(self, ident: int, native_id: int) -> ThreadMeter:
        """Give a meter that reads /proc."""
        return LinuxThreadMeter(ident, native_id)

    def thread_cpu_s(self, native_id: int | None) -> float | None:
        """Read the thread's clock."""
        return linux_thread_cpu_s(native_id)

    def gil_wait(self) -> GilWait:
        """Learn the GIL's address; takes a few tens of milliseconds, once in a process."""
        return learn_gil_wait()


class PortableTier:
    """A timer that is polled, and of threads their CPU clocks alone."""

    name = PORTABLE
    shows_calls = False

    def __init__(self) -> None:
        """Take the clocks of this system."""
        clock: Callable[[int], float | None]
        if sys.platform == "linux":
            self.tick_s, clock = 0.0, linux_thread_cpu_s
        else:
            clocks = create_clocks()
            self.tick_s, clock = clocks.tick_s, clocks.cpu_s
        self._clock = clock

    def create_deadline(self) -> Deadline:
        """Give a timer that the waiting side checks."""
        return PollingDeadline()

    def meter(self, ident: int, native_id: int) -> ThreadMeter:
        """Give a meter that knows the thread's clock."""
        return ClockMeter(ident, native_id, self._clock)

    def thread_cpu_s(self, native_id: int | None) -> float | None:
        """Read the thread's clock."""
        return None if native_id is None else self._clock(native_id)

    def gil_wait(self) -> GilWait:
        """Learn nothing: no system call is shown."""
        return GilWait(frozenset())


class ClockMeter(ThreadMeter):
    """A thread of which the system shows the CPU clock and nothing else."""

    def __init__(self, ident: int, native_id: int, clock: Callable[[int], float | None]) -> None:
        """Take the thread, and what reads its clock by the system's own id."""
        super().__init__(ident, native_id)
        self._native_id, self._clock = native_id, clock

    def cpu_s(self) -> float | None:
        """Seconds of CPU the thread used so far."""
        return self._clock(self._native_id)


def may_read_kernel() -> bool:
    """Say whether this is Linux and what only Linux shows may be used: /proc, control groups."""
    return sys.platform == "linux" and os.environ.get(TIER_VARIABLE) != PORTABLE


@cache
def current_tier() -> Tier:
    """Give the tier of this process: by the system, the variable, and what of /proc is readable."""
    return LinuxTier() if may_read_kernel() and _shows_threads() else PortableTier()


def _shows_threads() -> bool:
    """Say whether the kernel has its timer and shows of a thread what the whole probe needs.

    A thread that runs has been put on a core: a kernel that counts none does not count at all.
    """
    try:
        Deadline().close()
        own = LinuxThreadMeter(threading.get_ident(), threading.get_native_id())
    except (OSError, AttributeError):
        return False
    try:
        return own.system_call() is not None and own.schedule()[1] > 0
    except (ValueError, IndexError):
        return False
    finally:
        own.close()
