"""A process that ends when the harness does.

``python -I .../die_with_parent.py PARENT COMMAND ...``.

A harness that is killed outright cannot stop what it started, so the kernel does (on Linux; the
setting is bound to the thread that forked, and outlives an exec). Elsewhere a process of ours looks
after its parent itself, and a command of the user's is not wrapped: nothing would outlive the exec.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""

SYNCHRONIZE, INFINITE = 0x00100000, 0xFFFFFFFF
"""From Windows' winnt.h and winbase.h."""

LOOK_S = 1.0
"""How often to look for the parent, where the kernel does not tell."""

LEAVE_S = 2.0
"""How long a server may take to end by itself then, in seconds; the harness gives it as long."""


def death_signal(number: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """Give a function that asks the kernel for this signal when the calling process's parent ends.

    Made before a fork, it only calls the kernel after it (``preexec_fn``). None where the system is
    not Linux.
    """
    if sys.platform != "linux":
        return None
    return partial(ctypes.CDLL(None).prctl, PR_SET_PDEATHSIG, int(number))


def die_with(parent: int) -> None:
    """End this process with its parent, and at once where the parent has ended already."""
    if ask := death_signal():
        ask()
        if os.getppid() != parent:
            sys.exit()
    else:
        threading.Thread(target=_end_with, args=(parent,), name="parent", daemon=True).start()


def _end_with(parent: int) -> None:
    """Wait for the parent to be gone, and end this process as the system would."""
    wait_for_end(parent)
    signal.raise_signal(signal.SIGTERM)
    time.sleep(LEAVE_S)
    os._exit(1)


def wait_for_end(parent: int) -> None:
    """Wait until the process that started this one is gone."""
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenProcess.restype = ctypes.c_void_p
        if handle := kernel.OpenProcess(SYNCHRONIZE, 0, parent):
            kernel.WaitForSingleObject(ctypes.c_void_p(handle), INFINITE)
        return
    while os.getppid() == parent:
        time.sleep(LOOK_S)


def dying_with_us(*command: str) -> list[str]:
    """Give the command line that runs a command so that it ends when this process does."""
    if sys.platform != "linux":
        return list(command)
    # -I: the environment is the command's, and may say where its own modules are
    return [sys.executable, "-I", __file__, str(os.getpid()), *command]


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the user's own command, without a shell
