"""A timer that fires unless it is pushed forward in time, without needing the GIL."""

from __future__ import annotations

import ctypes
import math
import os
import select
import time

from .config import RESOLUTION_S
from .libc import libc

_CLOCK_MONOTONIC = 1


class Deadline:
    """A kernel timer (timerfd) that one thread pushes forward and another waits for."""

    def __init__(self) -> None:
        """Create the timer, disarmed. Raises OSError where the kernel refuses."""
        self._fd = libc().timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._read = libc().read
        self._expirations = ctypes.create_string_buffer(8)
        self._settime = libc().timerfd_settime
        self._spec = (ctypes.c_long * 4)()  # struct itimerspec: interval, value; each s, ns
        self._spec_reference = ctypes.byref(self._spec)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self.at_s = math.inf

    def push(self, now_s: float, after_s: float) -> None:
        """Let it fire ``after_s`` (below one second) from now, and not before."""
        self.at_s = now_s + after_s
        self._spec[3] = int(after_s * 1e9)
        self._settime(self._fd, 0, self._spec_reference, None)

    def wait(self, timeout_s: float) -> bool:
        """Block until it fires (True) or the time is up (False)."""
        if not self._poll.poll(max(timeout_s, 0) * 1e3):
            return False
        # Hazard: os.read would release the GIL here, and the loop thread would move on unseen. The
        # read is empty if the timer was pushed while this thread waited for the GIL.
        self._read(self._fd, self._expirations, 8)
        return True

    def close(self) -> None:
        """Close the timer, once no thread waits for it or pushes it any more."""
        os.close(self._fd)


class PollingDeadline(Deadline):
    """The same where there is no timerfd: the waiting side checks every two milliseconds."""

    def __init__(self) -> None:
        """Start disarmed."""
        self.at_s = math.inf

    def push(self, now_s: float, after_s: float) -> None:
        """Let it fire ``after_s`` from now, and not before."""
        self.at_s = now_s + after_s

    def wait(self, timeout_s: float) -> bool:
        """Sleep in small steps until it fires (True) or the time is up (False)."""
        give_up_s = time.monotonic() + timeout_s
        while (now := time.monotonic()) < self.at_s:
            if now >= give_up_s:
                return False
            time.sleep(RESOLUTION_S)
        return True

    def close(self) -> None:
        """Do nothing: there is no timer."""
