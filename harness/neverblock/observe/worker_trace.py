"""The trace of one server process: its lines in, frames, stalls and running totals out."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from neverblock.causes import Cause, CausedStall
from neverblock.load.whole_lines import whole_lines
from neverblock.measurement import Executors, Frame, Pool, Stack, Stall
from neverblock.observe.looks import Look, look_of
from neverblock.probe.config import RESOLUTION_S
from neverblock.target.processes import is_running

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Tick(NamedTuple):
    """One worker at one instant; every stall until ``alive_s`` is written; ``tasks`` where seen."""

    at_s: float
    alive_s: float
    in_flight: int
    gc_s: float
    loop_cpu_s: float
    process_cpu_s: float
    busy_s: float
    starved_s: float
    beats: int
    pools: dict[str, Pool]
    executors: Executors
    tasks: int | None = None


class Runs(NamedTuple):
    """How often each marked line had run at one instant; ``complaint`` where that is not known.

    ``spent`` is of how many of these runs the end was seen, and their CPU seconds. ``at_least`` are
    lines that ran too often for each time to be counted.
    """

    at_s: float
    complaint: str | None
    runs: dict[int, int]
    spent: dict[int, tuple[int, float]]
    at_least: frozenset[int]


BEGIN_S = 2.0
"""How long a probe may take to its first report: it learns the GIL's address before, in 0.2 s."""

MOST_TICKS = 2400
"""Of a load: four times the stretches of its time line, however long it lasts."""


class WorkerTrace:
    """The trace of one server process, read as it grows."""

    def __init__(self, path: Path, *, brief: bool = False) -> None:
        """Take the file that the worker writes, named by its process id.

        A ``brief`` one keeps of the stalls the last, of the ticks as many as a time line needs,
        and no look: of a load for hours, all of that would not fit into memory.
        """
        self._path = path
        self._brief = brief
        self._longest: list[tuple[float, float]] = []
        self._offset = 0
        self.frames: dict[int, Frame] = {}
        self.pid = int(path.stem)
        self.armed: dict[str, Any] | None = None
        self.failed: str | None = None
        self.ended = False
        self.ticks: list[Tick] = []
        self.stalls: dict[int, Stall] = {}
        self.causes: dict[int, tuple[Cause | None, ...]] = {}
        self.endpoints: list[tuple[float, Frame]] = []
        self.looks: list[Look] = []
        self.marks: list[Runs] = []

    def read(self) -> None:
        """Take in the whole lines that were added since the last time."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in whole_lines(file):
                self._offset += len(line)
                self._take(json.loads(line))

    def _take(self, record: dict[str, Any]) -> None:
        match record.pop("kind"):
            case "armed":
                self.armed = record
            case "ended" | "failed" as how:
                self.ended, self.failed = how == "ended", record.get("why")
            case "frame":
                number = record.pop("id")
                self.frames[number] = _frame(record)
            case "tick":
                pools = {name: Pool(name, *use) for name, *use in record.pop("pools")}
                own = {name: record.pop(name) for name in Tick._fields[:-3]}
                own |= {"pools": pools, "tasks": record.pop("tasks", None)}
                self.ticks.append(Tick(**own, executors=Executors(**record)))
                if self._brief and len(self.ticks) > MOST_TICKS:
                    self._thin()
            case "endpoint":
                self.endpoints.append((record.pop("at_s"), _frame(record)))
            case "waits" if not self._brief:
                self.looks.append(look_of(record))
            case "marks":
                runs = {int(number): ran for number, ran in record["runs"].items()}
                spent = {int(number): tuple(pair) for number, pair in record["spent"].items()}
                at_least = frozenset(record["at_least"])
                self.marks.append(Runs(record["at_s"], record["complaint"], runs, spent, at_least))
            case "stall":
                self._held(record)

    def _held(self, record: dict[str, Any]) -> None:
        number = record.pop("number")
        requests = record.pop("requests", []) or [None] * len(record["stacks"])
        sampled = zip(record["stacks"], requests, strict=True)
        by_weight = sorted(sampled, key=lambda each: each[0][1], reverse=True)
        record["stacks"] = [stack for stack, _ in by_weight]
        if self._brief:
            self.stalls.clear()
            self.causes.clear()
        self._note_length(record["start_s"], record["length_s"])
        self.stalls[number] = self._stall(record)
        self.causes[number] = tuple(each and Cause(*each) for _, each in by_weight)

    def _thin(self) -> None:
        """Keep of each two ticks the one with more in flight, and the first and the last."""
        first, *between, last = self.ticks
        pairs = zip(between[::2], between[1::2], strict=False)
        self.ticks = [first, *(max(pair, key=lambda tick: tick.in_flight) for pair in pairs), last]

    def _note_length(self, start_s: float, length_s: float) -> None:
        while self._longest and self._longest[-1][1] <= length_s:
            self._longest.pop()
        self._longest.append((start_s, length_s))

    def longest_s(self, from_s: float) -> float:
        """Give the longest stall that began after an instant; those that none outdid are kept."""
        return next((length_s for at_s, length_s in self._longest if at_s >= from_s), 0.0)

    def passing(self) -> Iterator[CausedStall]:
        """Yield the stalls of the file with the requests that ran in them, and keep none."""
        again = WorkerTrace(self._path, brief=True)
        number: int | None = None
        last: CausedStall | None = None
        with self._path.open("rb") as file:
            for line in whole_lines(file):
                again._take(json.loads(line))
                for now, stall in again.stalls.items():
                    if last is not None and now != number:
                        yield last
                    # one that goes on is written again, under its number
                    number, last = now, CausedStall(stall, again.causes[now])
        if last is not None:
            yield last

    def looked(self, from_s: float, to_s: float) -> Iterator[Look]:
        """Yield the looks between two instants; a brief trace reads them anew, and keeps none."""
        for look in self._looks_anew() if self._brief else self.looks:
            if from_s <= look.at_s <= to_s:
                yield look

    def _looks_anew(self) -> Iterator[Look]:
        """Yield the looks of what was taken in so far, whose frames are known."""
        left = self._offset
        with self._path.open("rb") as file:
            for line in whole_lines(file):
                left -= len(line)
                if left < 0:
                    return
                if b'"waits"' in line and (record := json.loads(line))["kind"] == "waits":
                    yield look_of(record)

    def _stack(self, numbers: Iterable[int]) -> tuple[Frame, ...]:
        return tuple(self.frames[each] for each in numbers)

    def _sampled(
        self, numbers: Iterable[int], weight_s: float, on_cpu: bool, background: bool
    ) -> Stack:
        """Give a stack; what no request ran is the app's only where its own code is on it."""
        frames = self._stack(numbers)
        own = any(frame.owner in {"project", "library"} for frame in frames)
        return Stack(frames, weight_s, on_cpu, background and own)

    def _stall(self, record: dict[str, Any]) -> Stall:
        stacks = [self._sampled(*stack) for stack in record.pop("stacks")]
        culprit = record.pop("culprit")
        if culprit is not None:
            numbers, cpu_s, background = culprit
            culprit = Stack(self._stack(numbers), cpu_s, on_cpu=True, background=background)
        return Stall(**record, stacks=tuple(stacks), culprit=culprit, pid=self.pid)

    @property
    def alive(self) -> bool:
        """Whether the process still exists."""
        return is_running(self.pid)

    def covers(self, from_s: float, to_s: float) -> bool:
        """Whether the worker reported from before until after.

        Of a load, it reported for as long as it lived meanwhile: servers recycle their workers.
        """
        ticks = self.ticks
        if self._brief and self.armed is not None:
            from_s = max(from_s, self.armed["at_s"] + BEGIN_S)
            to_s = -math.inf if self.ended else to_s
        return bool(ticks) and ticks[0].at_s <= from_s and ticks[-1].at_s >= to_s

    def quiet_since_s(self, after_s: float, stuck: int) -> float | None:
        """When the loop last became idle but for ``stuck`` requests; None while it is not."""
        if not self.ticks:
            return None
        if self.ticks[-1].in_flight > stuck:
            return None
        ended = [
            stall.start_s + stall.length_s
            for stall in self.stalls.values()
            if stall.length_s - stall.starved_s - stall.frozen_s > RESOLUTION_S
        ]
        busy = next((tick.at_s for tick in reversed(self.ticks) if tick.in_flight > stuck), after_s)
        return max(after_s, busy, *ended[-1:])

    def used(self, from_s: float, to_s: float) -> dict[str, Pool]:
        """Give the use of each pool between two instants."""
        before = next((t.pools for t in reversed(self.ticks) if t.at_s <= from_s), {})
        within = [t.pools for t in self.ticks if from_s < t.at_s <= to_s]
        return {
            name: replace(
                pool,
                held_s=pool.held_s - (before[name].held_s if name in before else 0.0),
                queued_s=pool.queued_s - (before[name].queued_s if name in before else 0.0),
                waiting=max((each[name].waiting for each in within if name in each), default=0),
            )
            for name, pool in (within[-1] if within else {}).items()
        }

    def ran(self, from_s: float, to_s: float) -> dict[int, int]:
        """Give how often each marked line ran between two instants, by its number."""
        before = next((m.runs for m in reversed(self.marks) if m.at_s <= from_s), {})
        upto = next((m.runs for m in reversed(self.marks) if m.at_s <= to_s), {})
        grown = {number: ran - before.get(number, 0) for number, ran in upto.items()}
        return {number: ran for number, ran in grown.items() if ran}

    def spent(self, from_s: float, to_s: float) -> dict[int, tuple[int, float]]:
        """Give of how many runs of each marked line the end was seen, and their CPU seconds."""
        before = next((m.spent for m in reversed(self.marks) if m.at_s <= from_s), {})
        upto = next((m.spent for m in reversed(self.marks) if m.at_s <= to_s), {})
        earlier = {number: before.get(number, (0, 0.0)) for number in upto}
        return {
            number: (ended - earlier[number][0], spent_s - earlier[number][1])
            for number, (ended, spent_s) in upto.items()
        }

    def grown(self, field: str, from_s: float, to_s: float) -> float:
        """By how much a running total grew between two instants."""
        before = [tick for tick in self.ticks if tick.at_s <= from_s]
        upto = [tick for tick in self.ticks if tick.at_s <= to_s]
        start = getattr(before[-1], field) if before else 0.0
        return (getattr(upto[-1], field) if upto else start) - start


@dataclass(frozen=True, slots=True)
class CausedStalls:
    """The stalls of workers that began between two instants; each iteration reads them anew."""

    workers: tuple[WorkerTrace, ...]
    from_s: float
    to_s: float

    def __iter__(self) -> Iterator[CausedStall]:
        """Yield them worker by worker, each with the requests that ran in it."""
        for worker in self.workers:
            for caused in worker.passing():
                if self.from_s <= caused.stall.start_s <= self.to_s:
                    yield caused


def most_at_once(workers: Iterable[WorkerTrace]) -> int:
    """Give how many workers served at one instant, at the most."""
    changes = [
        change
        for worker in workers
        if worker.ticks
        for change in ((worker.ticks[0].at_s, 1), (worker.ticks[-1].at_s, -1))
    ]
    return max(accumulate(one for _, one in sorted(changes)), default=0)


def _frame(record: dict[str, Any]) -> Frame:
    """Give a frame as the probe described it, its file with slashes on every system."""
    return Frame(**{**record, "file": Path(record["file"]).as_posix()})
