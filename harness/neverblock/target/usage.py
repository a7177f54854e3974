"""The CPU time that a server's process tree has used, and how long it waited for a core."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from neverblock.probe.tier import may_read_kernel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Usage:
    """A process tree's CPU time, and for how long each of its threads waited for a core.

    ``cpu_s`` includes children that have ended. ``waited_s`` is in seconds by the kernel's id of a
    thread, and None where the system does not count it.
    """

    cpu_s: float
    waited_s: Mapping[int, float] | None

    def cpu_since(self, before: Usage) -> float:
        """Give the CPU seconds that were used since an earlier reading."""
        return max(0.0, self.cpu_s - before.cpu_s)

    def starved_since(self, before: Usage, apart: Collection[int] = ()) -> float | None:
        """Give the seconds for which its threads, all together, waited for a core since then.

        None where that is not known. Threads that ended meanwhile do not count, nor do ``apart``.
        """
        if self.waited_s is None or before.waited_s is None:
            return None
        earlier = before.waited_s
        counted = self.waited_s.keys() - set(apart)
        return sum(self.waited_s[thread] - earlier.get(thread, 0.0) for thread in counted)


def usage(pid: int, apart: int | None = None) -> Usage:
    """Read what a process and its children have used, without the child ``apart``, if any."""
    cpu_s = 0.0
    waited_s: dict[int, float] = {}
    for process in _tree(pid, apart):
        with suppress(psutil.Error):
            times = process.cpu_times()
            cpu_s += times.user + times.system + times.children_user + times.children_system
            waited_s |= _waited_s(process.pid)
    return Usage(cpu_s, waited_s if _is_counted() else None)


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
    """Give the seconds each thread of a process waited for a core; empty if it has ended.

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
def _is_counted() -> bool:
    """Say whether the kernel counts waits for a core at all; one that does not shows zeros."""
    return may_read_kernel() and bool(_waited_s(os.getpid()))
