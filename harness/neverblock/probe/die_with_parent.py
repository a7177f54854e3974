"""A process that ends when the harness does.

``python -I .../die_with_parent.py PARENT COMMAND ...``.

A harness that is killed outright cannot stop what it started, so the kernel does (Linux only; the
setting is bound to the thread that forked, and outlives an exec).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


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


def dying_with_us(*command: str) -> list[str]:
    """Give the command line that runs a command so that it ends when this process does."""
    # -I: the environment is the command's, and may say where its own modules are
    return [sys.executable, "-I", __file__, str(os.getpid()), *command]


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the user's own command, without a shell
