"""A server with the probe in it that another process runs on this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psutil

from neverblock.errors import TargetError
from neverblock.target.usage import Usage, usage

if TYPE_CHECKING:
    from neverblock.measurement import Frame


class AttachedServer:
    """A server that is watched here, and started and stopped elsewhere."""

    def __init__(self, base_url: str, pid: int) -> None:
        """Take its URL and the process that serves it, which may be our own parent."""
        self.base_url = base_url
        self.pid = pid

    @property
    def alive(self) -> bool:
        """Whether the process still exists."""
        return psutil.pid_exists(self.pid)

    def usage(self) -> Usage:
        """Give what the process and its children used of the machine, without this process."""
        return usage(self.pid, apart=os.getpid())

    def log_size(self) -> int:
        """Give nothing: its output is not captured here."""
        return 0

    def log_tail(self, since: int = 0) -> str:  # noqa: ARG002 - as a server of ours takes it
        """Give nothing: its output is not captured here."""
        return ""

    async def restart(self) -> None:
        """Do nothing but say where it is gone: it is not ours to start.

        Raises TargetError where it is.
        """
        if not self.alive:
            raise self.death()

    async def abort(self) -> tuple[Frame, ...]:
        """Give nothing: it is not ours to end."""
        return ()

    def death(self, since: int = 0) -> TargetError:  # noqa: ARG002 - as a server of ours takes it
        """Give the error that the process is gone."""
        return TargetError(
            f"The process {self.pid} that served the app is gone.",
            "Read its log to see why it ended.",
        )
