"""A server that another process runs on this machine, with the probe in it."""

from __future__ import annotations

import os
from contextlib import suppress

import psutil

from harness.errors import TargetError
from harness.server import tree_cpu_s


class AttachedServer:
    """Somebody else starts and stops it; here it is only watched."""

    def __init__(self, base_url: str, pid: int) -> None:
        """Take where it is, and the process that serves it, which may be our own parent."""
        self.base_url = base_url
        self._pid = pid

    @property
    def alive(self) -> bool:
        """Whether the process still exists."""
        return psutil.pid_exists(self._pid)

    def cpu_s(self) -> float:
        """Give the CPU seconds that the process and its children have used, but for this one."""
        total = 0.0
        with suppress(psutil.Error):
            process = psutil.Process(self._pid)
            times = process.cpu_times()
            total = times.user + times.system
            total += sum(tree_cpu_s(c.pid) for c in process.children() if c.pid != os.getpid())
        return total

    def last_words(self) -> str:
        """Give nothing: what it printed is where its own process prints."""
        return ""

    def death(self) -> TargetError:
        """Say that it is gone."""
        return TargetError(f"The process {self._pid} that served the app is gone.", "See its log.")
