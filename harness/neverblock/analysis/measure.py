"""Records, pings and loop traces in; figures out. Pure: nothing here fires, waits or judges."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from neverblock.analysis.canary_figures import canary_figures, typical_freeze_s
from neverblock.model import Executors
from neverblock.result import Criterion, HoldFigures, LoopFigures, Measurement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.model import Burst, LoopTrace, Machine, Ping, Record, Scenario, Stack, Stall


@dataclass(frozen=True, slots=True)
class Round:
    """One burst with all that was observed around it.

    ``floor_s`` is the null app's wall just before, but no more than is usual in this run;
    ``server_cpu_s`` the CPU of the server's process tree meanwhile; it and ``trace`` are None where
    the target has no probe.
    """

    burst: Burst
    pings: tuple[Ping, ...]
    floor_s: float
    server_cpu_s: float | None
    machine: Machine
    trace: LoopTrace | None


@dataclass(frozen=True, slots=True)
class Solo:
    """Requests one after another, with all that was observed meanwhile."""

    records: tuple[Record, ...]
    pings: tuple[Ping, ...]
    trace: LoopTrace | None
    warm_up_s: float

    @property
    def samples_s(self) -> tuple[float, ...]:
        """How long each request took."""
        return tuple(r.done_s - r.sent_s for r in self.records)

    @property
    def own_s(self) -> float:
        """The endpoint's own time: the median of its solo requests."""
        return median(self.samples_s)


def serial_fraction(speedup: float, n: int) -> float:
    """Give the experimentally determined serial fraction: 1 is serial, 0 fully concurrent.

    Karp and Flatt, "Measuring parallel processor performance", CACM 33(5), 1990. Comparable
    across n. It is 1 for n = 1, where nothing can overlap.
    """
    if n == 1:
        return 1.0
    return (1 / speedup - 1 / n) / (1 - 1 / n)


_HAND_OVER = {
    "Thread.start",
    "ThreadPoolExecutor.submit",
    "AsyncIOBackend.run_sync_in_worker_thread",
}
"""Of threading, concurrent.futures and anyio: where work goes over to a thread."""


def application_share(stall: Stall) -> float:
    """Give the share of a stall's samples off CPU that show application code.

    The probe cuts the event loop's own frames, so a stack without frames is the loop parked in
    itself. Where no sample fell into that state, all samples of the stall speak for it.
    A loop that hands work to a thread waits until that thread gets the GIL: contention, nobody's
    wait.
    """
    stacks = [s for s in stall.stacks if not s.on_cpu] or stall.stacks
    total = sum(s.weight_s for s in stacks)
    if not total:
        return 0.0
    return sum(s.weight_s for s in stacks if s.frames and not hands_over(s)) / total


def hands_over(stack: Stack) -> bool:
    """Say whether a stack is handing work to a thread, which never waits but for that thread.

    A new thread says that it runs, and one that waits for work gives a queue's lock back; both need
    the GIL for it, so the loop's wait is one for the GIL by way of a lock.
    """
    return any(f.owner != "project" and f.function in _HAND_OVER for f in stack.frames)


def waiting_s(stall: Stall) -> float:
    """Give the seconds for which application code held the loop off CPU."""
    return stall.off_cpu_s * application_share(stall)


def computing_s(stall: Stall) -> float:
    """Give the seconds for which application code held the loop on CPU, collections aside.

    No sample is asked: a loop without work is off CPU, and a computation that lets nobody else
    have the GIL is over before a sample can be taken.
    """
    return max(0.0, stall.on_cpu_s - stall.gc_s)


def holds(stalls: Sequence[Stall], requests: int) -> HoldFigures:
    """Sum up a window's stalls: totals are per request, ``longest_*`` are of single stalls."""
    share = 1 / requests if requests else 0.0
    return HoldFigures(
        requests=requests,
        waiting_s=share * sum(map(waiting_s, stalls)),
        longest_waiting_s=max(map(waiting_s, stalls), default=0.0),
        computing_s=share * sum(map(computing_s, stalls)),
        longest_computing_s=max(map(computing_s, stalls), default=0.0),
        longest_gil_held_s=max((s.gil_held_s for s in stalls), default=0.0),
        gil_s=share * sum(s.gil_s for s in stalls),
        starved_s=share * sum(s.starved_s for s in stalls),
        gc_s=share * sum(s.gc_s for s in stalls),
    )


def stalls_of_each(solo: Solo) -> list[list[Stall]]:
    """Give the stalls of each solo request, in their order; nothing where there is no probe.

    A stall belongs to the request that was sent last before it, so that what a background task
    holds after the response is counted too.
    """
    if solo.trace is None:
        return []
    sends = sorted(r.sent_s for r in solo.records)
    ends = [*sends[1:], float("inf")]
    return [
        [s for s in solo.trace.stalls if sent <= s.start_s + s.length_s < end]
        for sent, end in zip(sends, ends, strict=True)
    ]


def each_solo(solo: Solo) -> list[HoldFigures]:
    """Give what each solo request held, in their order; nothing where there is no probe.

    Collections are not computing, except where every single request has them: then they collect
    the garbage of the request itself.
    """
    stalls = stalls_of_each(solo)
    always_s = min(
        (max((s.on_cpu_s for s in of_one), default=0.0) for of_one in stalls), default=0.0
    )
    each = (holds(of_one, 1) for of_one in stalls)
    return [
        replace(figures, longest_computing_s=max(figures.longest_computing_s, always_s))
        for figures in each
    ]


def solo_holds(solo: Solo) -> HoldFigures:
    """Give what a typical solo request held: each figure is the median over the requests."""
    each = each_solo(solo)
    if not each:
        return HoldFigures(requests=0)

    def typical(name: str) -> float:
        return float(median(getattr(figures, name) for figures in each))

    return HoldFigures(
        requests=len(each),
        waiting_s=typical("waiting_s"),
        longest_waiting_s=typical("longest_waiting_s"),
        computing_s=typical("computing_s"),
        longest_computing_s=typical("longest_computing_s"),
        longest_gil_held_s=typical("longest_gil_held_s"),
        gil_s=typical("gil_s"),
        starved_s=typical("starved_s"),
        gc_s=typical("gc_s"),
    )


def loop_figures(solo: Solo, kept: Round, solo_s: float) -> LoopFigures | None:
    """Give the probe's view of an endpoint, or None where the target has no probe."""
    if solo.trace is None or kept.trace is None:
        return None
    alone = solo_holds(solo)
    traces = (solo.trace, kept.trace)
    return LoopFigures(
        armed=all(t.armed for t in traces),
        loop=kept.trace.loop,
        held=min(1.0, (alone.waiting_s + alone.computing_s) / solo_s) if solo_s else 0.0,
        solo=alone,
        burst=holds(kept.trace.stalls, len(kept.burst.records)),
        cpu_s=kept.trace.loop_cpu_s,
        executors=worst_executors(kept.trace.executors, solo.trace.executors),
        stalls=kept.trace.stalls,
        complaint=next((t.complaint for t in traces if t.complaint), None),
    )


def worst_executors(burst: Executors, solo: Executors) -> Executors:
    """Keep the burst's view, and the solo's where the burst has none."""
    return burst if burst != Executors() else solo


def net_wall_s(measurement: Measurement) -> float:
    """Give the wall less what the null burst of the same n cost, never below zero."""
    return max(0.0, measurement.wall_s - measurement.floor_s)


def measure(
    solo: Solo,
    rounds: Sequence[Round],
    criterion: Criterion,
    *,
    scenario: Scenario,
    canary_interval_s: float,
    cpus: float,
    discarded: Sequence[str] = (),
) -> Measurement:
    """Turn solo requests and at least one round of bursts into figures.

    The round with the smallest wall is kept: noise only ever adds time, and a blocking endpoint
    cannot beat the serial bound in any round. Of a crowd the serial bound is that of all the
    requests it made, so that speedup and efficiency mean the same for both.
    """
    kept = min(rounds, key=lambda r: r.burst.wall_s)
    burst, n, requests = kept.burst, scenario.n, len(kept.burst.records)
    solo_s = solo.own_s
    wall_s = burst.wall_s
    speedup = requests * solo_s / wall_s
    solo_window = (solo.records[0].sent_s, solo.records[-1].done_s)
    limit_s = criterion.loop_limit_s
    return Measurement(
        n=n,
        requests=requests,
        closed_loop=scenario.duration_s is not None,
        solo_s=solo_s,
        solo_samples_s=solo.samples_s,
        serial_bound_s=requests * solo_s,
        wall_s=wall_s,
        walls_s=tuple(r.burst.wall_s for r in rounds),
        limit_s=criterion.document_limit_s,
        floor_s=kept.floor_s,
        speedup=speedup,
        efficiency=speedup / n,
        serial_fraction=serial_fraction(speedup, n),
        warm_up_s=solo.warm_up_s,
        canary=canary_figures(
            kept.pings, canary_interval_s, (burst.started_at_s, burst.ended_at_s), limit_s
        ),
        solo_canary=canary_figures(solo.pings, canary_interval_s, solo_window, limit_s),
        solo_frozen_s=typical_freeze_s(solo.pings, solo.records),
        loop=loop_figures(solo, kept, solo_s),
        server_cpu_s=kept.server_cpu_s,
        cpus=cpus,
        client_lag_s=burst.client.max_lag_s,
        machine=kept.machine,
        discarded=tuple(discarded),
        statuses=statuses(burst.records),
        answers=tuple(sorted({r.answer for r in burst.records if r.ok and r.answer})),
        throughput_rps=sum(r.ok for r in burst.records) / wall_s,
        light=burst.light,
    )


def statuses(records: Sequence[Record]) -> dict[str, int]:
    """Count the answers by status, and those that never came by what happened instead."""
    counts = Counter(r.error or str(r.status) for r in records)
    return dict(sorted(counts.items()))
