"""How a process ended, in words; and how it ends without leaving a core file behind."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

OUT_OF_MEMORY = ", as the kernel ends what takes more memory than there is"


def ended_by(code: int | None) -> str:
    """Give a process's end as a person reads it: its exit code, or the name of its signal."""
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
    return f"signal {-code}, {name}{OUT_OF_MEMORY if -code == signal.SIGKILL else ''}"


def without_core(pid: int) -> None:
    """Let a process write no core file when a signal ends it, where the system can be asked to."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - there is none on Windows

        with suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
