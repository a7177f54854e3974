"""What the machine is, and what it took from a measurement."""

from __future__ import annotations

import os
import platform
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import psutil

from neverblock.model import Machine
from neverblock.observe.cgroup import groups_of, quota_cores, throttled_s

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neverblock.plan import Interpreter

TICK_S = 0.01
"""In which steps the kernel counts a core's time: USER_HZ is 100 a second (man 7 time)."""

PACKAGES = ("neverblock", "httpx", "aiohttp", "locust")
"""What fires and measures; those of the app are its own environment's."""


def usable_cpus(pid: int | None = None) -> float:
    """Give the cores that a process may use, this one by default: a quota may be half of one.

    The tighter of the affinity, which the kernel keeps within the cpuset, and the quota; of a
    process that ended, what this one may use.
    """
    cores = float(len(affinity(pid or 0)) or os.cpu_count() or 1)
    return min(cores, quota_cores(groups_of(pid)) or cores)


def affinity(pid: int) -> set[int]:
    """Give the cores that a process is bound to; 0 is this one. Empty where nobody binds any."""
    if not hasattr(os, "sched_getaffinity"):
        return set()
    try:
        return os.sched_getaffinity(pid)
    except ProcessLookupError:
        return os.sched_getaffinity(0)


def allow_open_files() -> None:
    """Raise the soft limit on open files to the hard one, for this process and its children.

    A thousand requests at once take two thousand of them; the usual soft limit is 1024.
    """
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - there is none on Windows

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class MachineMeter:
    """Measures what other processes took of the machine, from its creation to ``read``."""

    def __init__(self) -> None:
        """Start measuring."""
        self._since_s = time.monotonic()
        self._times = psutil.cpu_times()

    def read(
        self,
        server_cpu_s: float | None,
        client_cpu_s: float = 0.0,
        starved_s: float | None = None,
        throttled_s: float | None = None,
    ) -> Machine:
        """Give what others had of all cores since the start.

        In the same window, ``server_cpu_s`` and ``client_cpu_s`` are the CPU time of server and
        client, ``starved_s`` how long the server's threads waited for a core, and ``throttled_s``
        how long its control group was throttled; None where that is not known.
        """
        now, before = psutil.cpu_times(), self._times
        cores = psutil.cpu_count() or 1
        capacity_s = max(1e-9, (time.monotonic() - self._since_s) * cores)
        steal_s = max(0.0, getattr(now, "steal", 0.0) - getattr(before, "steal", 0.0))
        idle_s = (
            (now.idle - before.idle) + getattr(now, "iowait", 0.0) - getattr(before, "iowait", 0.0)
        )
        busy = others_s = None
        if server_cpu_s is not None:
            used_s = capacity_s - idle_s - steal_s - server_cpu_s
            busy = min(1.0, max(0.0, used_s - client_cpu_s) / capacity_s)
            others_s = max(0.0, used_s) + cores * TICK_S
        return Machine(min(1.0, steal_s / capacity_s), busy, starved_s, throttled_s, others_s)


def environment(
    app: Interpreter | None, packages: Iterable[str] = PACKAGES
) -> dict[str, str | int | float | dict[str, str]]:
    """Describe where a run was made: what must match before two runs are compared.

    ``app`` is the Python that serves the app, None where that is not known. ``quota`` is in cores,
    ``throttled_s`` for how long this process's control group was throttled before; each is left out
    where it is not known.
    """
    groups = groups_of()
    limits = {"quota": quota_cores(groups), "throttled_s": throttled_s(groups)}
    return {
        **({} if app is None else _of_app(app)),
        "tool_python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpus": usable_cpus(),
        **{name: value for name, value in limits.items() if value is not None},
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "packages": {
            **({} if app is None else {"uvicorn": _ours("uvicorn"), **app.packages}),
            **{each: number for each in packages if (number := installed(each))},
        },
    }


def _ours(package: str) -> str:
    """Give the version of a package that is lent to the app's environment."""
    return f"{installed(package)}, neverblock's"


def _of_app(app: Interpreter) -> dict[str, str | int | float | dict[str, str]]:
    return {
        "python": app.version,
        "interpreter": app.place,
        "implementation": app.implementation,
    }


def installed(package: str) -> str | None:
    """Give the installed version of a package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
