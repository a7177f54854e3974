"""The figures of a load that only got worse while its users stayed the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.load.trend import only_rises
from neverblock.result import Trend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from neverblock.result import Moment, ServerProcess

SAME_LOAD = 0.95
"""Of the most users: while they come and go, rate and latency follow them."""

OF_ALL: dict[str, Callable[[Moment], float | None]] = {
    "rate": lambda moment: -moment.requests / moment.length_s,
    "p95": lambda moment: moment.p95_s,
}
"""What gets worse where it rises; a rate does where it falls."""

OF_A_PROCESS: dict[str, Callable[[ServerProcess], float | None]] = {
    "memory": lambda process: process.memory_bytes,
    "open files": lambda process: process.open_files,
    "threads": lambda process: process.threads,
    "tasks": lambda process: process.tasks,
}


def trends(timeline: Sequence[Moment]) -> tuple[Trend, ...]:
    """Give what only got worse, of the whole load and of each server process."""
    most = max((moment.users for moment in timeline), default=0)
    steady = [moment for moment in timeline if moment.users >= SAME_LOAD * most]
    return (*_of_all(steady[1:-1]), *_of_processes(steady))


def _of_all(steady: Sequence[Moment]) -> Iterator[Trend]:
    for figure, read in OF_ALL.items():
        series = [(m.at_s, value) for m in steady if (value := read(m)) is not None]
        yield from _worse(figure, series, None)


def _of_processes(steady: Sequence[Moment]) -> Iterator[Trend]:
    for pid in dict.fromkeys(p.pid for moment in steady for p in moment.processes):
        own = [(m.at_s, p) for m in steady for p in m.processes if p.pid == pid]
        for figure, read in OF_A_PROCESS.items():
            series = [(at_s, value) for at_s, p in own if (value := read(p)) is not None]
            yield from _worse(figure, series, pid)


def _worse(figure: str, series: Sequence[tuple[float, float]], pid: int | None) -> Iterator[Trend]:
    if (found := only_rises(series)) is None:
        return
    sign = -1.0 if figure == "rate" else 1.0
    low, high = sorted((sign * found.low * 60, sign * found.high * 60))
    ends = sign * found.started, sign * found.ended
    yield Trend(figure, sign * found.per_s * 60, low, high, *ends, pid=pid)
