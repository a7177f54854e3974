"""How much server processes take, sampled over a load that may last for hours."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil

from neverblock.model import ProcessSample

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 1200
"""Samples of one process at the most: twice what the time line shows of them."""


class ProcessSamples:
    """Samples of processes, ever further apart, so that there are never too many."""

    def __init__(self) -> None:
        """Start with none."""
        self._of: dict[int, list[ProcessSample]] = {}
        self._every = 1
        self._turn = 0

    @property
    def taken(self) -> tuple[ProcessSample, ...]:
        """All samples that were kept."""
        return tuple(sample for own in self._of.values() for sample in own)

    def take(self, pids: Iterable[int]) -> None:
        """Sample these processes now, or leave it for this time; none that has ended."""
        self._turn += 1
        if self._turn % self._every:
            return
        for pid in pids:
            if (sample := sample_of(pid)) is not None:
                self._of.setdefault(pid, []).append(sample)
        if any(len(own) > MOST for own in self._of.values()):
            self._of = {pid: own[::2] for pid, own in self._of.items()}
            self._every *= 2


def sample_of(pid: int) -> ProcessSample | None:
    """Sample one process; None where it has ended, or may not be looked at."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            memory, threads = process.memory_info().rss, process.num_threads()
            files = process.num_fds() if hasattr(process, "num_fds") else None
    except psutil.Error:
        return None
    cpu_s = times.user + times.system
    return ProcessSample(time.monotonic(), pid, cpu_s, memory, files, threads)
