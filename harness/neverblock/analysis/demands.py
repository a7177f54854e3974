"""Figures in; what one request needs of each serial resource out, and what follows. Pure.

Operational analysis (Denning and Buzen, "The operational analysis of queueing network models",
Computing Surveys 10(3), 1978): a resource with c servers of which a request needs D seconds caps
the process at c / D requests a second, and n requests at once take at least n D / c. What a wall
has beyond one request's own time and these bounds, nothing that was measured explains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from neverblock.analysis.noise import (
    added_by_machine_s,
    late_s,
    perhaps_starved_s,
    unseen_share,
)
from neverblock.analysis.samples import Range, around_median, around_medians, larger, spans
from neverblock.measurement import Cap, Demand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from neverblock.measurement import HoldFigures, LoopFigures, Measurement, Pool

LOOP_WAITING = "loop-waiting"
LOOP_COMPUTING = "loop-computing"
GIL = "gil"
CORES = "cores"
GENERATOR = "generator"
UNKNOWN = "unknown"
POOLS = ("anyio-tokens", "default-executor", "thread-pool")
ON_CPU = (LOOP_COMPUTING, GIL, CORES)
ON_LOOP = (LOOP_WAITING, LOOP_COMPUTING)
"""What the loop's thread does, one at a time: together they are the demand of one server."""

RESOLUTION_S = 0.002
"""Below this the probe cannot tell a wait from its heartbeat's interval: its ``RESOLUTION_S``."""

BEAT_S = Range(20e-6, 40e-6)
"""What a heartbeat costs the loop thread, by asyncio and by uvloop: ``make bench-wrapper``."""

MOSTLY = 0.9
"""Of the CPU time of a process: from this share on, its loop thread is the one that computes.

The rest is then no more than what ``waiting_share`` lets an endpoint wait: a tenth.
"""


class Queue(NamedTuple):
    """A pool that requests queued for: for how long at the least, and the work of one in it."""

    pool: Pool
    queued_s: float
    work_s: float


class Bounds(NamedTuple):
    """What a burst has to take at one end of the figures, in seconds.

    ``by`` has the bound of each known resource, ``unexplained_s`` what the wall is beyond them and
    one request's own time.
    """

    wall_s: float
    own_s: float
    by: dict[str, float]
    unexplained_s: float
    queues: tuple[Queue, ...]

    @property
    def limit(self) -> str:
        """The resource that sets the wall; ``unknown`` where the unexplained outweighs each."""
        name = max(self.by, key=lambda each: self.by[each], default=UNKNOWN)
        return UNKNOWN if self.unexplained_s > self.by.get(name, 0.0) else name


def demands_of(measurement: Measurement) -> dict[str, Demand]:
    """Give the demand of one request for each resource that it needs at all, in seconds."""
    found = {}
    for name, seen, servers in _seen(measurement):
        if seen.high > 0:
            found[name] = Demand(seen.low, seen.high, servers)
    unexplained = Range(*sorted(b.unexplained_s for b in both_ends(measurement, found)))
    if unexplained.high > RESOLUTION_S:
        # The first of n has its own time to itself: the others queued behind it.
        queued = measurement.requests - 1 or 1
        found[UNKNOWN] = Demand(unexplained.low / queued, unexplained.high / queued, 1)
    return found


def _seen(m: Measurement) -> Iterator[tuple[str, Range, float]]:
    """Yield each resource's demand of one request, and its servers."""
    loop, requests = m.loop, m.requests
    yield GENERATOR, Range(m.client_cpu_s / requests, m.client_cpu_s / requests), 1
    if loop is None:
        return
    yield LOOP_WAITING, waiting(m, loop), 1
    cpu_s, process_s = requests_cpu_s(loop)
    least_s, most_s = max(0.0, cpu_s - loop.beats * BEAT_S.high), cpu_s - loop.beats * BEAT_S.low
    computing = Range(least_s / requests, max(least_s, most_s) / requests)
    yield LOOP_COMPUTING, computing, 1
    # Threads without the GIL compute as well; what the loop waited for it was surely held.
    if loop.gil:
        others_s = process_s - cpu_s
        surely_s = min(loop.burst.gil_s, others_s / requests)
        yield GIL, Range(computing.low + surely_s, computing.high + others_s / requests), 1
    server_cpu_s = max(tree_cpu_s(m), process_s)
    most_s = server_cpu_s + perhaps_starved_s(m)
    yield CORES, Range(server_cpu_s / requests, most_s / requests), m.cpus
    for pool in loop.pools:
        alone = next((p for p in loop.solo_pools if p.name == pool.name), None)
        work_s = alone.held_s / max(1, loop.solo.requests) if alone else 0.0
        yield pool.name, Range(work_s, work_s), pool.size or 1


def requests_cpu_s(loop: LoopFigures) -> tuple[float, float]:
    """Give what requests computed in the burst: on the loop thread, and in the whole process."""
    loop_s = max(0.0, loop.cpu_s - loop.background_loop_cpu_s)
    threads_s = max(0.0, loop.process_cpu_s - loop.cpu_s - loop.background_threads_cpu_s)
    return loop_s, loop_s + threads_s


def tree_cpu_s(m: Measurement) -> float:
    """Give what the server's process tree computed for requests in the burst; 0 if not known."""
    return max(0.0, (m.server_cpu_s or 0.0) - (m.loop.background_cpu_s if m.loop else 0.0))


def waiting(m: Measurement, loop: LoopFigures) -> Range:
    """Give for how long one request waits on the loop, alone or as one of a burst."""
    alone = around_medians([waited(m, each) for each in loop.each])
    together = spans([waited(m, each) for each in loop.rounds])
    return Range(*(end if end > RESOLUTION_S else 0.0 for end in larger(alone, together)))


def waited(m: Measurement, figures: HoldFigures) -> Range:
    """Give a wait on the loop: less what may have been one for the GIL or a core, and as seen."""
    surely_s = (figures.waiting_s - figures.unsure_s) * (1 - unseen_share(m))
    return Range(surely_s, figures.waiting_s)


def both_ends(m: Measurement, demands: dict[str, Demand]) -> tuple[Bounds, Bounds]:
    """Give the bounds of a burst as it was seen, and less all that may be noise.

    What no request ran is taken off both. As seen, each demand is its least, and the machine is
    innocent but for the waits for a core that were seen; else the wall is short, the own time long,
    and each resource explains what it can. The machine added nothing to the time that the burst's
    own demands need: threads that wait for a core which others of the same burst have are no noise.
    Whatever took the last answers longer than the pace of the first may be their own time, and is
    where single requests take as long.
    """
    own = around_median(m.solo_samples_s)
    background_s = m.loop.background_s if m.loop else 0.0
    wall_s = max(0.0, m.wall_s - m.floor_s - background_s)
    paced_s = wall_s if m.paced_wall_s is None else min(wall_s, m.paced_wall_s)
    seen = _bounds(m, demands, paced_s if is_uneven(m) else wall_s, own.low, most=False)
    needed_s = min(wall_s, on_cpu_s(seen.by))
    least_s = max(needed_s, min(paced_s, wall_s - added_by_machine_s(m)))
    return seen, _bounds(m, demands, least_s, own.high, most=True)


def is_uneven(m: Measurement) -> bool:
    """Say whether the slowest of the single requests took most of the burst's wall by itself."""
    return 2 * max(m.solo_samples_s) > m.wall_s


def _bounds(
    m: Measurement, demands: dict[str, Demand], wall_s: float, own_s: float, *, most: bool
) -> Bounds:
    # A wait for a core is off the wall already, as the machine's: it is no demand as well.
    by = {
        name: min(
            m.wall_s, m.requests * (d.high_s if most and name != CORES else d.low_s) / d.servers
        )
        for name, d in demands.items()
        if name != UNKNOWN
    }
    queues = tuple(_queues(m, demands))
    loop = m.loop
    busy_s = max(0.0, loop.busy_s - loop.background_cpu_s) if loop else 0.0
    if most:
        # Nothing overlaps: what one does, no other does meanwhile.
        known_s = on_cpu_s(by) + by.get(LOOP_WAITING, 0.0) + by.get(GENERATOR, 0.0)
    else:
        # The client reads what the server has written: neither waits for itself.
        known_s = max([busy_s + by.get(GENERATOR, 0.0), *by.values(), *_short_of_cores_s(m, by)])
    known_s = max([known_s, *(queue.queued_s for queue in queues)])
    return Bounds(wall_s, own_s, by, max(0.0, wall_s - own_s - known_s), queues)


def _short_of_cores_s(m: Measurement, by: dict[str, float]) -> Iterator[float]:
    """Yield what the CPU's bounds come to with the waits for a core that were seen in the wall.

    Of the loop those for which it was late: the many short ones of a loop that has little to do
    come between the waits for whatever it asks, and explain none of them.
    """
    lacked_s = late_s(m)
    if LOOP_COMPUTING in by:
        yield by[LOOP_COMPUTING] + lacked_s
    if CORES in by:
        yield by[CORES] + ((m.machine.starved_s or 0.0) + lacked_s) / m.cpus


def on_cpu_s(by: dict[str, float]) -> float:
    """Give the tightest of the CPU's bounds on a burst, in seconds."""
    return max(by.get(name, 0.0) for name in ON_CPU)


def _queues(m: Measurement, demands: dict[str, Demand]) -> Iterator[Queue]:
    """Yield the pools that requests were seen queueing for."""
    for pool in m.loop.pools if m.loop else ():
        if pool.queued_s > 0:
            work = demands.get(pool.name)
            yield Queue(pool, pool.queued_s, work.high_s if work else 0.0)


def cpu_limit(measurement: Measurement) -> str:
    """Name the resource by which the CPU limits: the loop thread, the GIL, or all cores.

    The GIL asks for more time than all cores do for the whole process tree. It is the limit where
    it was surely held for most of what may have needed it, and where it explains a wall, less what
    the machine may have added, that all cores do not: threads that could have used them took turns.
    """
    loop, demands = measurement.loop, measurement.demands
    on_cores_s = tree_cpu_s(measurement) / measurement.cpus
    if loop is not None:
        loop_s, process_s = requests_cpu_s(loop)
        if loop_s >= max(MOSTLY * process_s, on_cores_s):
            return LOOP_COMPUTING
    gil = demands.get(GIL)
    if gil is None or measurement.requests * gil.high_s < on_cores_s:
        return CORES
    least = both_ends(measurement, demands)[1]
    needed_s = least.wall_s - least.own_s
    in_turns = on_cores_s < needed_s <= measurement.requests * gil.high_s
    return GIL if in_turns or _mostly_held(gil) else CORES


def cap_of(demands: Mapping[str, Demand]) -> Cap | None:
    """Give the most requests a second that a process can answer, by its tightest ceiling."""
    ceilings = ceilings_of(demands)
    if not ceilings:
        return None
    name = min(ceilings, key=lambda each: ceilings[each])
    return Cap(ceilings[name], name)


def ceilings_of(demands: Mapping[str, Demand]) -> dict[str, float]:
    """Give the most requests a second that each resource lets through, by its name.

    The client's part is no limit of the app's. Of what the loop's thread does, what takes it longer
    is named. Where that thread alone computes, it is the limit and not the GIL, which it holds
    meanwhile.
    """
    needs_s = {name: likely_s(name, demand) for name, demand in demands.items()}
    needs_s.pop(GENERATOR, None)
    if needs_s.get(LOOP_COMPUTING, 0.0) >= MOSTLY * needs_s.get(GIL, 0.0):
        needs_s.pop(GIL, None)
    if all(name in needs_s for name in ON_LOOP):
        needs_s.pop(min(ON_LOOP, key=lambda name: needs_s[name]))
    return {name: ceiling_of(name, demands) for name, need_s in needs_s.items() if need_s > 0}


def ceiling_of(name: str, demands: Mapping[str, Demand]) -> float:
    """Give the most requests a second that a resource lets through, of which one needs some time.

    On the loop's thread a request waits and computes in turn: its ceiling is that of both.
    """
    kinds = ON_LOOP if name in ON_LOOP else (name,)
    need_s = sum(likely_s(kind, demands[kind]) for kind in kinds if kind in demands)
    return demands[name].servers / need_s


def likely_s(name: str, demand: Demand) -> float:
    """Give a demand as one figure, in seconds.

    The middle of its range; but the GIL's is all that may have needed it, where it was surely held
    for most of that, and else what was sure; and what the machine may have added counts for none.
    """
    if name == GIL:
        return demand.high_s if _mostly_held(demand) else demand.low_s
    if name in {CORES, UNKNOWN}:
        return demand.low_s
    return (demand.low_s + demand.high_s) / 2


def _mostly_held(gil: Demand) -> bool:
    """Say whether the GIL was surely held for most of what may have needed it."""
    return 2 * gil.low_s >= gil.high_s
