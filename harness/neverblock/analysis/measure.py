"""Records, pings and loop traces in; figures out. Pure: nothing here fires, waits or judges."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from statistics import median
from typing import TYPE_CHECKING

from neverblock.analysis.canary_figures import canary_figures, typical_freeze_s
from neverblock.analysis.demands import cap_of, demands_of
from neverblock.analysis.stalls import (
    background_computing_s,
    background_gil_s,
    background_s,
    collections_counted,
    collects,
    computing_s,
    gil_held_s,
    gil_s,
    part_within,
    perhaps_gil_held_s,
    unsure_s,
    waiting_s,
    with_own_collections,
)
from neverblock.analysis.standing import share_inside
from neverblock.measurement import Executors, HoldFigures, LoopFigures, Measurement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.measurement import LoopTrace, Stall
    from neverblock.model import Burst, Machine, Ping, Record, Scenario
    from neverblock.result import Criterion


@dataclass(frozen=True, slots=True)
class Round:
    """One burst with all that was observed around it.

    ``floor_s`` is the null app's wall just before, but no more than is usual in this run, and
    ``floor_client_cpu_s`` what it cost the client; ``server_cpu_s`` the CPU of the server's process
    tree meanwhile; it and ``trace`` are None where the target has no probe.
    """

    burst: Burst
    pings: tuple[Ping, ...]
    floor_s: float
    server_cpu_s: float | None
    machine: Machine
    trace: LoopTrace | None
    floor_client_cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Solo:
    """Requests one after another, with all that was observed; ``first`` is the warm-up."""

    records: tuple[Record, ...]
    pings: tuple[Ping, ...]
    trace: LoopTrace | None
    warm_up_s: float
    first: LoopTrace | None = None

    @property
    def samples_s(self) -> tuple[float, ...]:
        """How long each request took."""
        return tuple(r.done_s - r.sent_s for r in self.records)

    @property
    def own_s(self) -> float:
        """The endpoint's own time: the median of its solo requests."""
        return median(self.samples_s)


def paced_wall_s(burst: Burst) -> float:
    """Give what a burst would have taken at the pace of most of its answers, in seconds.

    What answered k requests by some instant answers n of them in n / k of that time. What the last
    took beyond that they took by themselves, for all that the pace tells.
    """
    ended = sorted(record.done_s - burst.started_at_s for record in burst.records)
    n = len(ended)
    return min(n * ended_s / k for k, ended_s in enumerate(ended, 1) if 2 * k > n)


def serial_fraction(speedup: float, n: int) -> float:
    """Give the experimentally determined serial fraction: 1 is serial, 0 fully concurrent.

    Karp and Flatt, "Measuring parallel processor performance", CACM 33(5), 1990. Comparable
    across n. It is 1 for n = 1, where nothing can overlap.
    """
    if n == 1:
        return 1.0
    return (1 / speedup - 1 / n) / (1 - 1 / n)


def holds(stalls: Sequence[Stall], requests: int) -> HoldFigures:
    """Sum up a window's stalls: totals are per request, ``longest_*`` are of single stalls."""
    stalls = with_own_collections(stalls)
    share = 1 / requests if requests else 0.0
    return HoldFigures(
        requests=requests,
        waiting_s=share * sum(map(waiting_s, stalls)),
        longest_waiting_s=max(map(waiting_s, stalls), default=0.0),
        computing_s=share * sum(map(computing_s, stalls)),
        longest_computing_s=max(map(computing_s, stalls), default=0.0),
        longest_gil_held_s=max(map(gil_held_s, stalls), default=0.0),
        perhaps_gil_held_s=max(map(perhaps_gil_held_s, stalls), default=0.0),
        gil_s=share * sum(map(gil_s, stalls)),
        starved_s=share * sum(s.starved_s for s in stalls),
        gc_s=share * sum(s.gc_s for s in stalls),
        unsure_s=share * sum(map(unsure_s, stalls)),
        frozen_s=share * sum(s.frozen_s for s in stalls),
    )


def stalls_of_each(solo: Solo) -> list[list[Stall]]:
    """Give the stalls of each solo request, in their order; nothing where there is no probe.

    A stall belongs to the request that was sent last before it, so that what a background task
    holds after the response is counted too; where the task begins when the next request is on its
    way already, to the one that was answered last. Requests are alike, so it is the cut that gives
    each of them its part. A collection that the collector began is nobody's,
    unless every request brings one.
    """
    if solo.trace is None:
        return []
    return _by_request(solo, with_collections_of(solo, solo.trace.stalls))


def with_collections_of(solo: Solo, stalls: Sequence[Stall]) -> list[Stall]:
    """Count the collections in some stalls where each of the single requests brings one."""
    seen = solo.trace.stalls if solo.trace else ()
    own = all(map(collects, _by_request(solo, seen)))
    return collections_counted(stalls) if own else with_own_collections(stalls)


def _by_request(solo: Solo, stalls: Sequence[Stall]) -> list[list[Stall]]:
    sent = _cut([r.sent_s for r in solo.records], [(s.start_s + s.length_s, s) for s in stalls])
    ends = [-inf, *sorted(r.done_s for r in solo.records)[1:]]
    answered = _cut(ends, [(s.start_s, s) for s in stalls])
    return max(sent, answered, key=_least_held_s)


def _cut(at_s: Sequence[float], stalls: Sequence[tuple[float, Stall]]) -> list[list[Stall]]:
    """Give for each of these instants the stalls from it on to the next."""
    return [
        [stall for instant, stall in stalls if from_s <= instant < to_s]
        for from_s, to_s in pairwise([*sorted(at_s), inf])
    ]


def _least_held_s(each: Sequence[Sequence[Stall]]) -> float:
    return min((sum(map(_held_s, stalls)) for stalls in each), default=0.0)


def _held_s(stall: Stall) -> float:
    return waiting_s(stall) + computing_s(stall) + gil_held_s(stall)


def each_solo(solo: Solo) -> list[HoldFigures]:
    """Give what each solo request held, in their order; nothing where there is no probe."""
    return [holds(stalls, 1) for stalls in stalls_of_each(solo)]


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
        perhaps_gil_held_s=typical("perhaps_gil_held_s"),
        gil_s=typical("gil_s"),
        starved_s=typical("starved_s"),
        gc_s=typical("gc_s"),
        unsure_s=typical("unsure_s"),
        frozen_s=typical("frozen_s"),
    )


def loop_figures(solo: Solo, rounds: Sequence[Round], kept: Round) -> LoopFigures | None:
    """Give the probe's view of an endpoint, or None where the target has no probe."""
    if solo.trace is None or kept.trace is None:
        return None
    alone = solo_holds(solo)
    stalls = with_collections_of(solo, kept.trace.stalls)
    window = (kept.burst.started_at_s, kept.burst.ended_at_s)
    traces = (solo.trace, kept.trace)
    return LoopFigures(
        armed=all(t.armed for t in traces),
        loop=kept.trace.loop,
        held=min(1.0, (alone.waiting_s + alone.computing_s) / solo.own_s) if solo.own_s else 0.0,
        solo=alone,
        burst=holds(kept.trace.stalls, len(kept.burst.records)),
        cpu_s=kept.trace.loop_cpu_s,
        executors=worst_executors(kept.trace.executors, solo.trace.executors),
        stalls=kept.trace.stalls,
        complaint=next((t.complaint for t in traces if t.complaint), None),
        each=tuple(each_solo(solo)),
        rounds=tuple(holds(r.trace.stalls, len(r.burst.records)) for r in rounds if r.trace),
        process_cpu_s=kept.trace.process_cpu_s,
        gil=kept.trace.gil,
        busy_s=kept.trace.busy_s,
        starved_s=kept.trace.starved_s,
        beats=kept.trace.beats,
        pools=kept.trace.pools,
        solo_pools=solo.trace.pools,
        background_s=sum(background_s(s) * part_within(s, *window) for s in stalls),
        background_loop_cpu_s=sum(map(background_computing_s, stalls)),
        background_threads_cpu_s=sum(map(background_gil_s, stalls)),
        waits=kept.trace.waits,
        inside=share_inside(kept.trace.standing),
    )


def worst_executors(burst: Executors, solo: Executors) -> Executors:
    """Keep the burst's view, and the solo's where the burst has none."""
    return burst if burst != Executors() else solo


def measure(
    solo: Solo,
    rounds: Sequence[Round],
    criterion: Criterion,
    *,
    scenario: Scenario,
    canary_interval_s: float,
    cpus: float,
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
    measurement = Measurement(
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
        loop=loop_figures(solo, rounds, kept),
        server_cpu_s=kept.server_cpu_s,
        cpus=cpus,
        client_lag_s=burst.client.max_lag_s,
        client_late_s=burst.client.late_s,
        machine=kept.machine,
        statuses=statuses(burst.records),
        answers=tuple(sorted({r.answer for r in burst.records if r.ok and r.answer})),
        throughput_rps=sum(r.ok for r in burst.records) / wall_s,
        light=burst.light,
        client_cpu_s=max(0.0, burst.client.cpu_s - kept.floor_client_cpu_s),
        paced_wall_s=None if scenario.duration_s is not None else paced_wall_s(burst),
    )
    demands = demands_of(measurement)
    return replace(measurement, demands=demands, cap=cap_of(demands))


def statuses(records: Sequence[Record]) -> dict[str, int]:
    """Count the answers by status, and those that never came by what happened instead."""
    counts = Counter(r.error or str(r.status) for r in records)
    return dict(sorted(counts.items()))
