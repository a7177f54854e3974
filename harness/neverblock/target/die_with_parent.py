"""A process that ends when the harness does.

``python -m neverblock.target.die_with_parent PARENT COMMAND ...``.

A harness that is killed outright cannot stop what it started, so the kernel does (Linux only; the
setting is bound to the thread that forked, and outlives an exec).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def die_with(parent: int) -> None:
    """Ask the kernel for a SIGTERM at the parent's end; exit at once where that has come."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit()


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the user's own command, without a shell
