"""Where the time of a gap went: pure arithmetic on clock readings and samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from .config import RESOLUTION_S
from .thread_state import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .heartbeat import Gap
    from .numbered import Numbered
    from .other_threads import GilHolder

    _Ran = tuple[tuple[int, ...], bool, bool, Numbered | None]


class Sample(NamedTuple):
    """The state of the loop thread at one instant; ``due_s`` is when it was meant to be sampled.

    ``cpu_s`` is None where a thread's clock can only be read by itself.
    """

    due_s: float
    at_s: float
    state: State
    cpu_s: float | None
    starved_s: float
    slices: int
    process_cpu_s: float
    stack: tuple[int, ...]
    background: bool = False
    request: Numbered | None = None


class Attribution(NamedTuple):
    """The parts of a stall, in seconds.

    ``frozen_s`` is neither computing nor a wait that was seen: the GIL or the machine; ``unsure_s``
    is the part of ``off_cpu_s`` that may have been a wait for the GIL as well. Both are zero where
    the system shows what a thread waits in. Its stacks are (frames, weight in seconds, on CPU,
    background); ``requests`` has for each the request that ran it, where requests are numbered.
    """

    start_s: float
    length_s: float
    on_cpu_s: float
    off_cpu_s: float
    gil_s: float
    starved_s: float
    gc_s: float
    frozen_s: float
    unsure_s: float
    gil_held_s: float
    gil_gc_s: float
    stacks: list[tuple[tuple[int, ...], float, bool, bool]]
    culprit: GilHolder | None
    requests: list[Numbered | None]


class _Interval(NamedTuple):
    """The time between two samples, attributed to the later one; ``rest_s`` is not on CPU.

    ``unbroken`` is true if the thread was not put on a core in it, where the kernel counts that.
    """

    due_s: float
    from_s: float
    to_s: float
    state: State
    unbroken: bool
    cpu_s: float
    rest_s: float
    others_cpu_s: float
    stack: tuple[int, ...]
    background: bool
    request: Numbered | None


class _Rest(NamedTuple):
    """Where the time of an interval went that was not on CPU, in seconds; see ``Attribution``."""

    off_s: float = 0.0
    gil_s: float = 0.0
    starved_s: float = 0.0
    frozen_s: float = 0.0
    unsure_s: float = 0.0


def _intervals(gap: Gap, samples: Sequence[Sample]) -> list[_Interval]:
    """Cut the gap at its samples; the time after the last one is the tail, attributed to it.

    The kernel counts a wait for a core when it is over. A sample in the middle of a wait does not
    have it yet, so the whole wait is counted in a later interval, which may be shorter than it. The
    excess is subtracted from the earlier rest; otherwise the wait would count twice. The same goes
    for CPU time on a clock that goes in long steps.
    """
    counted_later_s = 0.0
    intervals = []
    for interval in reversed([*_cut(gap, samples)]):
        if interval.state not in {State.RUNNING, State.UNKNOWN}:
            counted_later_s = 0.0
        rest_s = interval.rest_s - counted_later_s
        counted_later_s = max(0.0, -rest_s)
        intervals.append(interval._replace(rest_s=max(0.0, rest_s)))
    return intervals[::-1]


def _cut(gap: Gap, samples: Sequence[Sample]) -> Iterator[_Interval]:
    """Cut the gap at its samples; a rest is negative if the kernel counts a longer wait than it."""
    before, after = gap.before, gap.after
    whole_s = after.at_s - before.at_s
    seen_until_s = samples[-1].at_s if samples else -math.inf
    unseen = State.RUNNING if after.slices >= 0 else State.UNKNOWN
    tail = Sample(
        due_s=min(max(gap.overdue_s, seen_until_s + RESOLUTION_S), after.at_s),
        at_s=after.at_s,
        state=samples[-1].state if samples else unseen,
        cpu_s=after.cpu_s,
        starved_s=after.starved_s,
        slices=after.slices,
        process_cpu_s=after.process_cpu_s,
        stack=samples[-1].stack if samples else (),
        background=samples[-1].background if samples else False,
        request=samples[-1].request if samples else None,
    )
    at_s, cpu_s, starved_s, slices, process_s = before
    late_s = gap.late_s
    if samples and samples[0].slices == slices >= 0:
        late_s = before.at_s  # never put on a core since: blocked in the same call all along
    for sample in (*samples, tail):
        sample_cpu_s = sample.cpu_s
        if sample_cpu_s is None:
            share = (sample.at_s - before.at_s) / whole_s
            sample_cpu_s = before.cpu_s + share * (after.cpu_s - before.cpu_s)
        on_s = sample_cpu_s - cpu_s
        rest_s = sample.at_s - at_s - on_s - (sample.starved_s - starved_s)
        # Before it was late, the loop may have been waiting for work, which is no stall.
        rest_s = min(rest_s, max(0.0, sample.at_s - max(at_s, late_s)))
        others_s = max(0.0, sample.process_cpu_s - process_s - on_s)
        yield _Interval(
            sample.due_s, at_s, sample.at_s, sample.state, sample.slices == slices >= 0,
            on_s, rest_s, others_s, sample.stack, sample.background, sample.request,
        )  # fmt: skip
        at_s, cpu_s, starved_s, slices, process_s = (
            sample.at_s, sample_cpu_s, sample.starved_s, sample.slices, sample.process_cpu_s,
        )  # fmt: skip


def _explain(interval: _Interval, *, tail: bool) -> _Rest:
    """Split the rest of an interval by the state at its end.

    A thread that is blocked at the end of an interval was blocked in all of it, if it was not put
    on a core meanwhile. Otherwise, and in the tail, which has no sample, the time by which the
    watchdog came late is attributed: to the GIL as far as other threads used the CPU, and to the
    machine for what is left.
    """
    rest_s, state = interval.rest_s, interval.state
    unseen_s = min(rest_s, max(0.0, interval.to_s - interval.due_s))
    if not tail and (state is State.GIL or (state is State.BLOCKED and interval.unbroken)):
        unseen_s = 0.0
    held_s = min(unseen_s, interval.others_cpu_s)
    seen_s = rest_s - unseen_s
    if state is State.BLOCKED:
        return _Rest(off_s=seen_s + unseen_s - held_s, gil_s=held_s)
    if state is State.GIL:
        return _Rest(gil_s=seen_s + held_s, starved_s=unseen_s - held_s)
    if state is State.IDLE:
        return _Rest(gil_s=held_s)
    if state is State.UNKNOWN:
        return _by_clocks(interval, unseen_s, held_s)
    return _Rest(gil_s=held_s, starved_s=rest_s - held_s)


def _by_clocks(interval: _Interval, unseen_s: float, held_s: float) -> _Rest:
    """Split a rest where the system does not show what the thread was in.

    Code whose thread stood still for most of the time waited in it; or, as far as other threads
    computed or the watchdog came late, for the GIL. Why one stands still that computes, or has no
    code on it, is not known.
    """
    rest_s = interval.rest_s - held_s
    if not interval.stack or rest_s < interval.cpu_s:
        return _Rest(gil_s=held_s, frozen_s=rest_s)
    perhaps_s = min(rest_s, unseen_s - held_s + interval.others_cpu_s - held_s)
    return _Rest(off_s=rest_s, gil_s=held_s, unsure_s=perhaps_s)


def attribute(
    gap: Gap,
    samples: Sequence[Sample],
    gil_holders: Sequence[GilHolder],
    gc_s: float = 0.0,
    tick_s: float = 0.0,
    *,
    gil: bool = True,
) -> Attribution:
    """Attribute the time of a gap by the samples taken in it and the GIL holders seen in it.

    ``gc_s`` is the CPU time that the loop thread spent in garbage collections meanwhile, and
    ``tick_s`` what a thread's clock may be behind: a wait may have been computing for so long.
    Without a ``gil`` no other thread kept the loop's from running, whatever CPU it used.
    """
    gil_held_s = gil_gc_s = 0.0
    total = _Rest()
    weights: dict[_Ran, float] = {}
    intervals = _intervals(gap, samples)
    for interval in intervals:
        interval = interval if gil else interval._replace(others_cpu_s=0.0)  # noqa: PLW2901 - the same
        rest = _explain(interval, tail=interval is intervals[-1])
        total = _Rest(*map(sum, zip(total, rest, strict=True)))
        for weight, on_cpu in ((interval.cpu_s, True), (rest.off_s, False)):
            if weight > 0:
                key = interval.stack, on_cpu, interval.background, interval.request
                weights[key] = weights.get(key, 0.0) + weight
        for holder in gil_holders:
            if holder.from_s < interval.to_s and holder.to_s > interval.from_s:
                held_s = min(rest.gil_s, holder.cpu_s, holder.to_s - holder.from_s)
                if held_s > gil_held_s:
                    gil_held_s, gil_gc_s = held_s, min(held_s, holder.gc_s)
    starved_s = total.starved_s + gap.after.starved_s - gap.before.starved_s
    not_on_s = total.off_s + total.gil_s + starved_s + total.frozen_s
    rest_s = gap.after.at_s - gap.alive_s - not_on_s
    on_s = max(0.0, min(gap.after.cpu_s - gap.before.cpu_s, rest_s))
    length_s = on_s + not_on_s
    culprit = max(gil_holders, key=lambda holder: (bool(holder.levels), holder.cpu_s), default=None)
    return Attribution(
        start_s=gap.after.at_s - length_s,
        length_s=length_s,
        on_cpu_s=on_s,
        off_cpu_s=total.off_s,
        gil_s=total.gil_s,
        starved_s=starved_s,
        frozen_s=total.frozen_s,
        unsure_s=min(total.off_s, total.unsure_s + tick_s),
        gc_s=min(on_s, gc_s),
        gil_held_s=gil_held_s,
        gil_gc_s=gil_gc_s,
        stacks=[
            (stack, weight, on_cpu, background)
            for (stack, on_cpu, background, _), weight in weights.items()
        ],
        culprit=culprit,
        requests=[request for *_, request in weights],
    )
