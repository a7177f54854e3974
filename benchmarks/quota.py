"""A control group with a quota of CPU time, as a container has, for a command and its children."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PERIOD_US = 100_000
"""The kernel's default, and that of Docker and Kubernetes."""
ROOT = Path("/sys/fs/cgroup")


class NotAvailableError(Exception):
    """No control group can be made here, and why."""


@contextmanager
def quota(cores: float) -> Iterator[list[str]]:
    """Give what to put in front of a command, which then has this many cores; remove it afterwards.

    Raises NotAvailableError where the machine has no such thing, or not for this user.
    """
    parent, limits = _version(cores)
    group = parent / f"neverblock-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        raise NotAvailableError(f"{group} cannot be made: {error.strerror}.") from error
    try:
        for file, value in limits.items():
            _write(group / file, value)
        yield ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]
    finally:
        _remove(group)


def _version(cores: float) -> tuple[Path, dict[str, str]]:
    """Give where groups are made, and what to write into their files."""
    quota_us = int(cores * PERIOD_US)
    if (ROOT / "cgroup.controllers").exists():
        if "cpu" not in (ROOT / "cgroup.subtree_control").read_text().split():
            raise NotAvailableError("The cpu controller is not enabled in cgroup.subtree_control.")
        return ROOT, {"cpu.max": f"{quota_us} {PERIOD_US}"}
    if (ROOT / "cpu" / "cpu.cfs_quota_us").exists():
        limits = {"cpu.cfs_period_us": str(PERIOD_US), "cpu.cfs_quota_us": str(quota_us)}
        return ROOT / "cpu", limits
    raise NotAvailableError(f"Neither version of control groups was found in {ROOT}.")


def _write(file: Path, value: str) -> None:
    try:
        file.write_text(value)
    except OSError as error:
        raise NotAvailableError(f"{file} cannot be set to {value}: {error.strerror}.") from error


def _remove(group: Path) -> None:
    """End what is left in a group, and remove it."""
    for _ in range(50):
        try:
            group.rmdir()
        except OSError:
            for process in (group / "cgroup.procs").read_text().split():
                os.kill(int(process), signal.SIGKILL)
            time.sleep(0.1)
        else:
            return
