"""A closed loop at rising n against one server: level by level, until the ceiling is sure."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from neverblock.analysis.capacity.level import level_of, rate_of
from neverblock.analysis.capacity.limit import FULL, Seen, seen_of, starved_of
from neverblock.analysis.capacity.plateau import (
    Plateau,
    failing,
    knee_between,
    plateau_of,
    steps,
)
from neverblock.run.at_rest import rest, resume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from neverblock.analysis.capacity.level import Answer
    from neverblock.load.crowd import Crowd
    from neverblock.measurement import LoopTrace
    from neverblock.observe.window import Observer
    from neverblock.result.capacity import Level
    from neverblock.target.usage import Usage

LEAST_S = 1.0
"""A level is measured for no less: a generator's loop that lags for 10 ms is one hundredth."""

MOST_S = 6.0
"""Nor for longer: a level that is not sure by then says so by its interval."""

WARM_S = 0.25
"""At first, for so long or for two of its requests, a level still fills the queues."""

POLL_S = 0.1
CEILING = "the ceiling for another machine is reached (--no-ceiling lifts it)"
TOLD_S = 2.5
"""How long to wait for what the probe saw: its thread needs the GIL to write it."""


class Stretch(NamedTuple):
    """What came of some users in a while; ``cpu_s`` and ``starved_s`` are of the servers' trees."""

    level: Level
    from_s: float
    until_s: float
    cpu_s: float
    starved_s: float


@dataclass(slots=True)
class Sweep:
    """The levels of one endpoint so far, measured while the probes rest.

    ``until_s`` is when all has to be over: no level is begun that would not end by then if it took
    as long as the longest so far, ``longest_s``, with time to spare for asking ``kept`` levels once
    more while the probe watches, each for no longer than that has to be, ``least_s``.
    ``most_s`` is the longest for a level. ``on_level`` is told each new level. ``allows`` says
    whether so many users may ask, after so many requests.
    """

    crowd: Crowd
    observers: Sequence[Observer]
    until_s: float
    on_level: Callable[[Sequence[Level]], None]
    levels: list[Level] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    ended: str = ""
    most_s: float = MOST_S
    kept: int = 0
    longest_s: float = 0.0
    least_s: float = 0.0
    allows: Callable[[int, int], bool] = lambda *_: True

    async def rise(self, most: int) -> Plateau | None:
        """Raise n until the ceiling is sure, and bisect its knee; give it, or None without one.

        ``ended`` says why the sweep ended where it did not end on a sure ceiling.
        """
        for n in steps(most):
            level = await self.measure(n)
            if (plateau := self.plateau) is not None and plateau.sure:
                break
            if self._must_end(level):
                return plateau
        else:
            self.ended = f"the rate still grew at {most} at once, and --most allows no more"
            return self.plateau
        while (plateau := self.plateau) is not None and not self.late:
            if not self._allowed(plateau.at_n):
                break
            between = knee_between(self.levels, plateau.at_n)
            if between is None:
                break
            await self.measure(between)
        return self.plateau

    @property
    def plateau(self) -> Plateau | None:
        """The ceiling by the levels so far."""
        return plateau_of(self.levels)

    def starved(self, cpus: float) -> float:
        """Give the part of the CPU time that the servers wanted and others had, over all levels."""
        cpu_s = sum(each.cpu_s for each in self.stretches)
        waited_s = sum(each.starved_s for each in self.stretches)
        all_s = cpus * sum(each.until_s - each.from_s for each in self.stretches)
        return starved_of(cpu_s, waited_s, all_s)

    def _must_end(self, level: Level) -> bool:
        """Say whether a level is the last, and note why."""
        if level.n == 1 and failing(level):
            self.ended = f"{level.failures} of {level.requests} requests failed one at a time"
        elif level.client_cpu > FULL:
            self.ended = "the generator itself is at its limit"
        elif self.late:
            self.ended = "the time of --for is over"
        elif not self._allowed(level.n):
            self.ended = f"{CEILING}: {self.crowd.sent} requests, the last by {level.n} at once"
        elif any(not observer.server.alive for observer in self.observers):
            self.ended = f"the server ended at {level.n} at once"
        return bool(self.ended)

    def _allowed(self, n: int) -> bool:
        return self.allows(n, self.crowd.sent)

    @property
    def late(self) -> bool:
        """Whether no time is left for one more level."""
        return time.monotonic() + self.longest_s + self.kept * self.least_s > self.until_s

    async def measure(self, n: int) -> Level:
        """Measure one level, until its rate is sure or the time for a level is over."""
        began_s = time.monotonic()
        await self._fill(n)
        filled_s = time.monotonic() - began_s
        stretch = await self._stretch(n, sure=True)
        level = stretch.level
        self.longest_s = max(self.longest_s, time.monotonic() - began_s)
        watched_s = filled_s + max(LEAST_S, 2 * level.p99_s)
        self.least_s = max(self.least_s, watched_s)
        self.stretches.append(stretch)
        self.levels.append(level)
        self.levels.sort(key=lambda each: each.n)
        self.on_level(self.levels)
        return level

    async def _fill(self, n: int) -> None:
        """Have n users ask until the queues are full of theirs."""
        crowd = self.crowd
        await crowd.resize(n)
        await asyncio.sleep(WARM_S)
        for _ in range(round(MOST_S / 2 / POLL_S)):
            if len(crowd.answers(0.0)) >= 2 * n:
                break
            await asyncio.sleep(POLL_S)

    async def _stretch(self, n: int, *, sure: bool) -> Stretch:
        """Take what n users are answered, for a second at least, or until the rate is sure."""
        crowd = self.crowd
        before, from_s, client_s = self._usage(), time.monotonic(), crowd.cpu_s
        while True:
            await asyncio.sleep(POLL_S)
            answers = crowd.answers(from_s)
            now, to_s = time.monotonic(), crowd.whole_until_s
            late = now > from_s + self.most_s or not self._allowed(n)
            long_enough = to_s > from_s + max(LEAST_S, 2 * _longest_s(answers))
            if late or (long_enough and not (sure and not rate_of(answers, from_s, to_s).sure)):
                break
        client_cpu = (crowd.cpu_s - client_s) / (now - from_s)
        cpu_s, starved_s = _used(before, self._usage())
        to_s = max(to_s, from_s + (now - from_s) / 2)
        level = level_of(answers, n, from_s, to_s, client_cpu)
        return Stretch(level, from_s, now, cpu_s, starved_s)

    def _usage(self) -> list[Usage]:
        return [found for each in self.observers if (found := each.server.usage()) is not None]

    async def seen(self, n: int, cpus: float) -> Seen:
        """Have n users ask once more while the first server's probe watches; give what it saw.

        It is no level: the probe takes part of the CPU meanwhile.
        """
        observer = self.observers[0]
        if not observer.probed:
            return seen_of(n, None, 0.0, 0.0, cpus, 0.0)
        await self._fill(n)
        since_s = await resume(observer)
        try:
            stretch = await self._stretch(n, sure=False)
        finally:
            until_s = await rest(observer)
        trace = await self._told(observer, since_s, until_s)
        if trace is None:
            return seen_of(n, None, 0.0, 0.0, cpus, 0.0)
        part = (trace.to_s - trace.from_s) / (stretch.until_s - stretch.from_s)
        answered = stretch.level.rate_per_s * (trace.to_s - trace.from_s)
        return seen_of(n, trace, part * stretch.cpu_s, part * stretch.starved_s, cpus, answered)

    async def _told(
        self, observer: Observer, from_s: float | None, to_s: float | None
    ) -> LoopTrace | None:
        """Give what the probe saw between two instants, once it has told all; None if it does not.

        What it told before it watched says nothing, and a hold that is under way it has not told.
        """
        if from_s is None or to_s is None:
            return None
        give_up_s = time.monotonic() + TOLD_S
        while (end_s := await asyncio.to_thread(observer.told_s, to_s)) is None:
            if time.monotonic() > give_up_s:
                return None
            await asyncio.sleep(POLL_S)
        begin_s = await asyncio.to_thread(observer.told_s, from_s)
        if begin_s is None or begin_s >= end_s:
            return None
        return await asyncio.to_thread(observer.seen, begin_s, end_s)


def _longest_s(answers: Iterable[Answer]) -> float:
    return max((answer.to_s - answer.from_s for answer in answers), default=0.0)


def _used(before: Sequence[Usage], now: Sequence[Usage]) -> tuple[float, float]:
    pairs = list(zip(before, now, strict=False))
    cpu_s = sum(after.cpu_since(earlier) for earlier, after in pairs)
    return cpu_s, sum(after.starved_since(earlier) or 0.0 for earlier, after in pairs)
