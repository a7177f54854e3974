"""A load over time: what was counted, seen and sampled in it, laid into the same stretches."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from neverblock.analysis.load.histogram import Histogram
from neverblock.result import Moment, ServerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from neverblock.analysis.load.seconds import Second
    from neverblock.measurement import Stall
    from neverblock.model import Beat, LoopState, ProcessSample

T = TypeVar("T")

MOST = 600
"""Stretches at the most, as many as a chart has points across: an hour's are 8 s long."""


@dataclass(slots=True)
class _Ended:
    took: Histogram = field(default_factory=Histogram)
    failures: int = 0

    def merge(self, other: _Ended) -> None:
        self.took.merge(other.took)
        self.failures += other.failures


class OverTime:
    """What ended in each stretch of a load; stretches grow, so that there are never too many."""

    def __init__(self) -> None:
        """Start with stretches of a second."""
        self.width_s = 1
        self.ended: dict[int, _Ended] = defaultdict(_Ended)

    def add(self, second: Second) -> None:
        """Count what ended within a second."""
        # by its middle: clocks of other machines put its beginning a little before ours
        key = int((second.at_s + 0.5) // self.width_s)
        came = key not in self.ended
        ended = self.ended[key]
        ended.took.merge(second.took)
        ended.failures += second.failures
        while came and max(self.ended) - min(self.ended) >= MOST:
            self._widen()

    def _widen(self) -> None:
        narrow, self.ended = self.ended, defaultdict(_Ended)
        self.width_s *= 2
        for key, ended in narrow.items():
            self.ended[key // 2].merge(ended)


@dataclass(frozen=True, slots=True)
class Beside:
    """What was seen beside the requests: generators, loops, and server processes.

    Without a probe there are no ``stalls`` and ``states``, and ``pids`` is empty. The stalls are
    gone through once.
    """

    beats: Sequence[Beat] = ()
    stalls: Iterable[Stall] = ()
    states: Sequence[LoopState] = ()
    samples: Sequence[ProcessSample] = ()
    pids: Sequence[int] = ()


def timeline(over_time: OverTime, beside: Beside, from_s: float) -> tuple[Moment, ...]:
    """Give the stretches of a load whose first request was sent at ``from_s``."""
    if not over_time.ended:
        return ()
    width_s = over_time.width_s
    beats = _laid(beside.beats, width_s)
    states, stalls = _laid(beside.states, width_s), _held(beside.stalls, width_s)
    samples = _laid(beside.samples, width_s)
    users: dict[str | None, int] = {}
    last: dict[str | None, Beat] = {}
    before: dict[int, ProcessSample] = {}
    made = []
    first = int(from_s // width_s)
    for key in range(first, max(first, *over_time.ended) + 1):
        at_s = max(0.0, key * width_s - from_s)
        # what ended before the first stretch did so by an unsure clock
        ended = _Ended()
        for own_key in (key - 1, key) if key == first else (key,):
            if own_key in over_time.ended:
                ended.merge(over_time.ended[own_key])
        own = beats.get(key, [])
        users |= {beat.worker: beat.users for beat in own}
        share = max((_cpu_share(last.get(beat.worker), beat) for beat in own), default=0.0)
        last |= {beat.worker: beat for beat in own}
        seen = states.get(key, [])
        processes = _processes(samples.get(key, []), before, seen)
        made.append(
            Moment(
                at_s=at_s,
                length_s=(key + 1) * width_s - from_s - at_s,
                users=sum(users.values()),
                requests=ended.took.total,
                failures=ended.failures,
                **_percentiles(ended.took),
                generator_cpu_share=share,
                generator_lag_s=max((beat.max_lag_s for beat in own), default=0.0),
                **_loops(stalls.get(key), width_s * len(beside.pids)),
                in_flight=_most(seen, lambda state: state.in_flight),
                threads_taken=_most(seen, lambda state: state.threads_taken),
                threads_waited_for=_most(seen, lambda state: state.threads_waited_for),
                processes=processes,
            )
        )
    return tuple(made)


def _laid(each: Iterable[T], width_s: int) -> Mapping[int, list[T]]:
    """Lay what has an instant into its stretch, in the order of time."""
    laid: dict[int, list[T]] = defaultdict(list)
    for one in sorted(each, key=lambda known: known.at_s):  # type: ignore[attr-defined]  # all have it
        laid[int(one.at_s // width_s)].append(one)  # type: ignore[attr-defined]  # the same
    return laid


def _held(stalls: Iterable[Stall], width_s: int) -> Mapping[int, list[float]]:
    """Give for how long loops waited, computed, wanted the GIL or a core, stretch by stretch."""
    held: dict[int, list[float]] = defaultdict(lambda: [0.0] * 4)
    for stall in stalls:
        end_s = stall.start_s + stall.length_s
        for key in range(int(stall.start_s // width_s), int(end_s // width_s) + 1):
            overlap_s = min(end_s, (key + 1) * width_s) - max(stall.start_s, key * width_s)
            part = overlap_s / stall.length_s if stall.length_s else 0.0
            times = stall.off_cpu_s, stall.on_cpu_s, stall.gil_s, stall.starved_s
            held[key] = [sum_s + part * s for sum_s, s in zip(held[key], times, strict=True)]
    return held


def _loops(held_s: Sequence[float] | None, loops_s: float) -> dict[str, float | None]:
    names = "waiting", "computing", "gil", "no_core"
    if not loops_s:
        return dict.fromkeys(names)
    return {name: s / loops_s for name, s in zip(names, held_s or [0.0] * 4, strict=True)}


def _percentiles(took: Histogram) -> dict[str, float | None]:
    shares = {"p50_s": 0.5, "p95_s": 0.95, "p99_s": 0.99}
    return {name: took.quantile(at) if took.total else None for name, at in shares.items()}


def _cpu_share(before: Beat | None, beat: Beat) -> float:
    if before is None or beat.at_s <= before.at_s:
        return 0.0
    return max(0.0, (beat.cpu_s - before.cpu_s) / (beat.at_s - before.at_s))


def _most(states: Iterable[LoopState], read: Callable[[LoopState], int]) -> int | None:
    """Give the sum over the processes of the most that was seen in each; None where none was."""
    most: dict[int, int] = {}
    for state in states:
        most[state.pid] = max(read(state), most.get(state.pid, 0))
    return sum(most.values()) if most else None


def _processes(
    samples: Iterable[ProcessSample],
    before: dict[int, ProcessSample],
    states: Iterable[LoopState],
) -> tuple[ServerProcess, ...]:
    """Give the processes by their last sample in a stretch, with their CPU since the one before."""
    tasks = {state.pid: state.tasks for state in states if state.tasks is not None}
    latest = {sample.pid: sample for sample in samples}
    made = []
    for pid, sample in sorted(latest.items()):
        earlier = before.get(pid)
        share = 0.0
        if earlier is not None and sample.at_s > earlier.at_s:
            share = (sample.cpu_s - earlier.cpu_s) / (sample.at_s - earlier.at_s)
        before[pid] = sample
        size = sample.memory_bytes, sample.open_files, sample.threads
        made.append(ServerProcess(pid, share, *size, tasks.get(pid)))
    return tuple(made)
