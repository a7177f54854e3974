"""The CPU clock of any thread of this process, on systems without Linux's clock ids.

Each is called by ``ctypes.PyDLL``, which keeps the GIL: see ``libc``. A thread is named by
``threading.get_native_id``, never by its memory, which is gone when the thread has just ended.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Protocol

WINDOWS_TICK_S = 1 / 64
"""Windows adds to a thread's time at its clock's interrupt, 64 times a second by default."""


class ThreadClocks(Protocol):
    """Reads threads' CPU clocks, which go in steps of ``tick_s`` seconds; 0 for exact ones."""

    tick_s: float

    def cpu_s(self, native_id: int) -> float | None:
        """Give the seconds of CPU a thread used so far; None where it has ended."""


class NoClocks:
    """A system that shows a thread's clock to nobody but the thread itself."""

    tick_s = 0.0

    def cpu_s(self, native_id: int) -> float | None:  # noqa: ARG002 - there is no clock to read
        """Give None."""
        return None


class _BasicInfo(ctypes.Structure):
    """Mach's ``thread_basic_info``, from mach/thread_info.h."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("user_s", "user_us", "system_s", "system_us")),
        *((name, ctypes.c_int) for name in ("cpu_usage", "policy", "run_state", "flags")),
        *((name, ctypes.c_int) for name in ("suspend_count", "sleep_time")),
    )


class _IdentifierInfo(ctypes.Structure):
    """Mach's ``thread_identifier_info``; ``thread_id`` is Python's native id."""

    _fields_ = tuple((name, ctypes.c_uint64) for name in ("thread_id", "handle", "queue"))


class MachClocks:
    """The clocks of macOS, by Mach's ``thread_info``."""

    tick_s = 0.0
    _BASIC, _IDENTIFIER = 3, 4

    def __init__(self) -> None:
        """Load the system's library. Raises OSError, ValueError or AttributeError without it."""
        self._mach = ctypes.PyDLL(None)
        self._task = ctypes.c_uint.in_dll(self._mach, "mach_task_self_")
        self._ports: dict[int, int] = {}
        for name in ("thread_info", "task_threads", "vm_deallocate", "mach_port_deallocate"):
            getattr(self._mach, name).restype = ctypes.c_int

    def cpu_s(self, native_id: int) -> float | None:
        """Give the seconds of CPU a thread used so far; None where it has ended."""
        if native_id not in self._ports:
            self._find_new()
        port = self._ports.get(native_id)
        info = _BasicInfo()
        if port is None or not self._read(port, self._BASIC, info):
            return None
        return float(info.user_s + info.system_s + (info.user_us + info.system_us) / 1e6)

    def _find_new(self) -> None:
        """Learn the ports of all threads that run now; what is known already is given back."""
        threads, count = ctypes.POINTER(ctypes.c_uint)(), ctypes.c_uint()
        if self._mach.task_threads(self._task, ctypes.byref(threads), ctypes.byref(count)):
            return
        known = set(self._ports.values())
        for port in threads[: count.value]:
            who = _IdentifierInfo()
            if port not in known and self._read(port, self._IDENTIFIER, who):
                self._ports[who.thread_id] = port
            else:
                self._mach.mach_port_deallocate(self._task, ctypes.c_uint(port))
        size = ctypes.c_size_t(count.value * ctypes.sizeof(ctypes.c_uint))
        self._mach.vm_deallocate(self._task, threads, size)

    def _read(self, port: int, flavor: int, into: ctypes.Structure) -> bool:
        words = ctypes.c_uint(ctypes.sizeof(into) // ctypes.sizeof(ctypes.c_int))
        read = self._mach.thread_info
        return not read(ctypes.c_uint(port), flavor, ctypes.byref(into), ctypes.byref(words))


class WindowsClocks:
    """The clocks of Windows, by ``GetThreadTimes``; their steps are long."""

    tick_s = WINDOWS_TICK_S
    _QUERY_LIMITED_INFORMATION = 0x0800

    def __init__(self) -> None:
        """Load the system's library, and let timers of this process be exact to 1 ms."""
        self._kernel = ctypes.PyDLL("kernel32")
        self._kernel.OpenThread.restype = ctypes.c_void_p
        ctypes.PyDLL("winmm").timeBeginPeriod(1)
        self._handles: dict[int, int | None] = {}

    def cpu_s(self, native_id: int) -> float | None:
        """Give the seconds of CPU a thread used so far; None where it has ended."""
        if native_id not in self._handles:
            opened = self._kernel.OpenThread(self._QUERY_LIMITED_INFORMATION, 0, native_id)
            self._handles[native_id] = opened
        handle = ctypes.c_void_p(self._handles[native_id])
        # FILETIMEs, in 100 ns: when it began and ended, its time in the kernel and outside
        times = [ctypes.c_uint64() for _ in range(4)]
        read = handle.value and self._kernel.GetThreadTimes(handle, *map(ctypes.byref, times))
        _, ended, kernel, user = (each.value for each in times)
        if read and not ended:
            return (kernel + user) / 1e7
        if handle.value:
            self._kernel.CloseHandle(handle)
        del self._handles[native_id]  # another thread may get the same id
        return None


CLOCKS: dict[str, type[ThreadClocks]] = {"darwin": MachClocks, "win32": WindowsClocks}


def create_clocks() -> ThreadClocks:
    """Give this system's clocks; none where it has no such, or not as they are documented."""
    try:
        return CLOCKS.get(sys.platform, NoClocks)()
    except (OSError, ValueError, AttributeError, TypeError):
        return NoClocks()
