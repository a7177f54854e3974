"""A thread's state as the operating system has it: CPU time, waits for a core, system call."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from enum import Enum, auto
from functools import cache
from typing import NamedTuple

from .internals import has_gil
from .libc import libc, read_whole

_CALIBRATION_S = 0.2
_PATIENCE_S = 2.0  # without a single sighting: on a busy machine neither thread may have had a core
_SIGHTINGS = 8
_CPUCLOCK_SCHED = 2
_CPUCLOCK_PER_THREAD = 4
_STRUCT_GIL = 256  # bytes: two condition variables and two mutexes lie side by side in it


class State(Enum):
    """What a thread was doing when it was sampled; IDLE is a loop that waits for work."""

    RUNNING = auto()
    BLOCKED = auto()
    GIL = auto()
    IDLE = auto()
    UNKNOWN = auto()


class SystemCall(NamedTuple):
    """A system call that a thread is blocked in: its number and first argument."""

    number: int
    argument: int


RUNNING = SystemCall(-2, 0)
"""Stands for no system call at all: on a core, or waiting for one."""


def may_have_lost_gil(since_s: float) -> bool:
    """Whether other threads may have run Python since then; never without a GIL to lose.

    A thread that keeps the GIL for longer than the switch interval has to release it on request.

    Hazard: a sample that is interrupted by that has its time and its stack from before another
    thread's call, which may have kept the GIL for long, and its clocks from after it.
    """
    return has_gil() and time.monotonic() - since_s > sys.getswitchinterval()


class ThreadMeter:
    """One thread of this process, read from any thread. None is what cannot be read."""

    def __init__(self, ident: int, native_id: int) -> None:
        """Take a thread by ``threading.get_ident`` and ``threading.get_native_id``."""

    def cpu_s(self) -> float | None:
        """Seconds of CPU the thread used so far."""
        return None

    def schedule(self) -> tuple[float, int]:
        """Give the seconds it was runnable without a core, and how often it was put on one."""
        return 0.0, -1

    def system_call(self) -> SystemCall | None:
        """Give what the thread is blocked in, or RUNNING."""
        return None

    def close(self) -> None:
        """Close what was opened; nothing can be read after that."""


class LinuxThreadMeter(ThreadMeter):
    """The same from the thread's CPU clock and /proc."""

    def __init__(self, ident: int, native_id: int) -> None:
        """Open what is read later. Raises OSError where /proc does not show it."""
        self._clock = time.pthread_getcpuclockid(ident)
        self._schedstat = os.open(f"/proc/self/task/{native_id}/schedstat", os.O_RDONLY)
        self._syscall = os.open(f"/proc/self/task/{native_id}/syscall", os.O_RDONLY)
        self._pread = libc().pread
        self._pread.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64)
        self._buffer = ctypes.create_string_buffer(256)

    def _read(self, descriptor: int) -> list[bytes]:
        size = self._pread(descriptor, self._buffer, 255, 0)
        return self._buffer.raw[: max(size, 0)].split()

    def cpu_s(self) -> float:
        """Seconds of CPU the thread used so far."""
        return time.clock_gettime(self._clock)

    def schedule(self) -> tuple[float, int]:
        """Give the seconds it was runnable without a core, and how often it was put on one."""
        fields = self._read(self._schedstat)  # on a core (ns), runnable (ns), time slices
        return int(fields[1]) / 1e9, int(fields[2])

    def system_call(self) -> SystemCall | None:
        """Give what the thread is blocked in, or RUNNING."""
        return _parsed(self._read(self._syscall))

    def close(self) -> None:
        """Close the files of /proc."""
        os.close(self._schedstat)
        os.close(self._syscall)


def system_call(native_id: int) -> SystemCall | None:
    """Give what any thread of this process is blocked in, or RUNNING; None where it has ended."""
    return _parsed((read_whole(f"/proc/self/task/{native_id}/syscall") or b"").split())


def _parsed(fields: list[bytes]) -> SystemCall | None:
    """Parse the fields of /proc's ``syscall`` file; None where there are none."""
    if not fields:
        return None
    if fields[0] == b"running":
        return RUNNING
    # "-1 sp pc": blocked outside a system call, in a page fault.
    return SystemCall(int(fields[0]), int(fields[1], 16))


def linux_thread_cpu_s(native_id: int | None) -> float | None:
    """Read the CPU clock of any thread of this process; None where it has ended or has no clock.

    Hazard: ``time.pthread_getcpuclockid`` reads the memory of the thread, which is gone when the
    thread has just ended: a segmentation fault. The clock's id is made from the kernel's id of the
    thread instead, as by ``MAKE_THREAD_CPUCLOCK`` in Linux's posix-timers.h.
    """
    if native_id is None:
        return None
    try:
        return time.clock_gettime(~native_id << 3 | _CPUCLOCK_SCHED | _CPUCLOCK_PER_THREAD)
    except OSError:
        return None


class GilWait:
    """Tells a wait for the GIL from other system calls, by the address that is waited on."""

    def __init__(self, sightings: frozenset[SystemCall]) -> None:
        """Take the calls in which threads were seen that could wait for the GIL only."""
        self._sightings = sightings

    def __bool__(self) -> bool:
        """Whether the calibration saw anything."""
        return bool(self._sightings)

    def state(self, call: SystemCall | None) -> State:
        """Give the state of a thread that is in this call."""
        if call is None:
            return State.UNKNOWN
        if call == RUNNING:
            return State.RUNNING
        for_gil = any(
            call.number == seen.number and abs(call.argument - seen.argument) < _STRUCT_GIL
            for seen in self._sightings
        )
        return State.GIL if for_gil else State.BLOCKED


@cache
def learn_gil_wait() -> GilWait:
    """Learn the GIL's address by letting two threads compete for it.

    Takes a few tens of milliseconds, more on a busy machine, once in a process. The result is empty
    where the kernel does not show system calls, and where there is no GIL.
    """
    if not has_gil():
        return GilWait(frozenset())
    spinning: list[ThreadMeter] = []
    done = threading.Event()

    def spin() -> None:
        spinning.append(LinuxThreadMeter(threading.get_ident(), threading.get_native_id()))
        while not done.is_set():
            pass

    spinners = [threading.Thread(target=spin, name="neverblock-calibration") for _ in range(2)]
    seen: list[SystemCall] = []
    began_s = time.monotonic()
    for spinner in spinners:
        spinner.start()
    while len(seen) < _SIGHTINGS:
        if time.monotonic() - began_s > (_CALIBRATION_S if seen else _PATIENCE_S):
            break
        calls = [each.system_call() for each in spinning]
        if None in calls:
            break
        seen += [call for call in calls if call and call.number >= 0]
        time.sleep(0.0005)
    done.set()
    for spinner in spinners:
        spinner.join()
    for each in spinning:
        each.close()
    return GilWait(frozenset(seen))
