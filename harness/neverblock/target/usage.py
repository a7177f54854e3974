"""What a server's process tree has used of the machine so far, and what it was kept from."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a process tree: its CPU seconds, and for how long each thread waited for a core.

    ``cpu_s`` has that of ended children in it. ``waited_s`` is by the kernel's number of a thread,
    in seconds, and None where the system does not tell.
    """

    cpu_s: float
    waited_s: Mapping[int, float] | None

    def cpu_since(self, before: Usage) -> float:
        """Give the CPU seconds that were used since an earlier reading."""
        return max(0.0, self.cpu_s - before.cpu_s)

    def starved_since(self, before: Usage) -> float | None:
        """Give for how long its threads together were runnable without a core since then.

        None where that is not known. A thread that ended meanwhile is missing.
        """
        if self.waited_s is None or before.waited_s is None:
            return None
        earlier = before.waited_s
        return sum(waited - earlier.get(thread, 0.0) for thread, waited in self.waited_s.items())


def usage(pid: int, apart: int | None = None) -> Usage:
    """Read what a process and all beneath it have used, but for the child ``apart``, if any."""
    cpu_s = 0.0
    waited_s: dict[int, float] = {}
    for process in _tree(pid, apart):
        with suppress(psutil.Error):
            times = process.cpu_times()
            cpu_s += times.user + times.system + times.children_user + times.children_system
            waited_s |= _waited_s(process.pid)
    return Usage(cpu_s, waited_s if _is_told() else None)


def _tree(pid: int, apart: int | None) -> Iterator[psutil.Process]:
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        yield root
        if apart is None:
            yield from root.children(recursive=True)
            return
        for child in root.children():
            if child.pid != apart:
                yield from _tree(child.pid, None)


def _waited_s(pid: int) -> dict[int, float]:
    """Give for how long each thread of a process waited for a core; nothing where it has ended.

    By the kernel's schedstat: on a core (ns), runnable without one (ns), time slices
    (Documentation/scheduler/sched-stats.rst).
    """
    waited_s = {}
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                _, waited_ns, slices = map(int, (task / "schedstat").read_text().split())
                if slices:
                    waited_s[int(task.name)] = waited_ns / 1e9
    return waited_s


@cache
def _is_told() -> bool:
    """Say whether the system keeps that at all: a kernel that does not shows zeros."""
    return bool(_waited_s(os.getpid()))
