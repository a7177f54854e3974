"""Run a command that ends when its parent does: ``python -m harness.leash PARENT COMMAND ...``.

A harness that is killed outright cannot stop its servers, so the kernel does (Linux only; elsewhere
the command simply runs). The setting outlives exec, and is bound to the thread that forked.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def main() -> None:
    """Ask for a SIGTERM at the parent's end, then become the command."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(sys.argv[1]):
            return  # the parent was gone before we asked
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - becoming the command is the point


if __name__ == "__main__":
    main()
