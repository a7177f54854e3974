"""A server that another process runs on this machine, with the probe in it."""

from __future__ import annotations

import os

import psutil

from neverblock.errors import TargetError
from neverblock.target.usage import Usage, usage


class AttachedServer:
    """Somebody else starts and stops it; here it is only watched."""

    def __init__(self, base_url: str, pid: int) -> None:
        """Take where it is, and the process that serves it, which may be our own parent."""
        self.base_url = base_url
        self.pid = pid

    @property
    def alive(self) -> bool:
        """Whether the process still exists."""
        return psutil.pid_exists(self.pid)

    def usage(self) -> Usage:
        """Give what the process and all beneath it have used of the machine, but for this one."""
        return usage(self.pid, apart=os.getpid())

    def log_tail(self) -> str:
        """Give nothing: what it printed is where its own process prints."""
        return ""

    def death(self) -> TargetError:
        """Say that it is gone."""
        return TargetError(f"The process {self.pid} that served the app is gone.", "See its log.")
