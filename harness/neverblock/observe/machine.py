"""What the machine is, and what it did to a measurement meanwhile."""

from __future__ import annotations

import os
import platform
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import psutil

from neverblock.model import Machine

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGES = ("neverblock", "fastapi", "starlette", "uvicorn", "anyio", "httpx", "aiohttp", "locust")


def usable_cpus() -> int:
    """Give the cores this process may run on, which a container may have fewer of."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def allow_open_files() -> None:
    """Lift the soft limit on open files to the hard one, for this process and its children.

    A thousand requests at once take two thousand of them; the usual soft limit is 1024.
    """
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - there is none on Windows

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class MachineMeter:
    """Measures, between its making and ``read``, what others took of the machine."""

    def __init__(self) -> None:
        """Start measuring."""
        self._since_s = time.monotonic()
        self._times = psutil.cpu_times()

    def read(self, own_cpu_s: float | None, starved_s: float | None = None) -> Machine:
        """Give the shares of all cores that went to others since the start.

        ``own_cpu_s`` is the CPU time of client and server in the same window, ``starved_s`` for how
        long the server's threads waited for a core in it; None if unknown.
        """
        now, before = psutil.cpu_times(), self._times
        capacity_s = max(1e-9, (time.monotonic() - self._since_s) * (psutil.cpu_count() or 1))
        steal_s = getattr(now, "steal", 0.0) - getattr(before, "steal", 0.0)
        idle_s = (
            (now.idle - before.idle) + getattr(now, "iowait", 0.0) - getattr(before, "iowait", 0.0)
        )
        busy = None
        if own_cpu_s is not None:
            busy_s = max(0.0, capacity_s - idle_s - steal_s - own_cpu_s)
            busy = min(1.0, busy_s / capacity_s)
        return Machine(min(1.0, max(0.0, steal_s) / capacity_s), busy, starved_s)


def environment(
    packages: Iterable[str] = PACKAGES,
) -> dict[str, str | int | float | dict[str, str]]:
    """Describe where a run was made: what must match before two runs are compared."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpus": usable_cpus(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "packages": {name: found for name in packages if (found := installed(name))},
    }


def installed(package: str) -> str | None:
    """Give the installed version of a package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
