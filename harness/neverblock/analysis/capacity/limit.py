"""What a level used of each resource, and where its requests stood, in; the named limit out. Pure.

By the utilisation law a resource that is the limit is in use all the time, and by Little's law the
requests that come on top of a ceiling stand in the queue before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from neverblock.analysis.capacity.plateau import LOOKED_AT
from neverblock.analysis.demands import CORES, GIL, LOOP_COMPUTING, LOOP_WAITING
from neverblock.analysis.stalls import part_within, waiting_s
from neverblock.analysis.standing import Place, places_of
from neverblock.result.capacity import Limit, LimitSeen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neverblock.measurement import LoopTrace

FULL = 0.85
"""In use for this share of the time, a resource is the limit, the generator's thread as well:
requests leave a gap of a turn of the generator's loop between one and the next, and a reading has
the 5 % of its rate."""

MOST = 0.5
"""Of the requests on top, the majority stands before the limit."""

ONE_AT_A_TIME = (LOOP_WAITING, LOOP_COMPUTING, GIL, CORES)

SERVED = (Limit.RATE_LIMIT, Limit.UPSTREAM)
"""What sleeps or waits for bytes while a pool of threads is full is served by it: at the knee the
pool may have had a thread to spare, and more do so beyond it."""


class Seen(NamedTuple):
    """One level as the probe saw it.

    ``used`` is the share of each resource, ``sizes`` how many threads a pool may have, ``places``
    where requests stood, of ``in_flight`` on average. ``needs_s`` is what one request took of a
    resource, in seconds. ``starved`` is the part of the CPU time that the server wanted and others
    had.
    """

    n: int
    used: Mapping[str, float]
    sizes: Mapping[str, float]
    places: tuple[Place, ...]
    in_flight: float
    needs_s: Mapping[str, float]
    starved: float


class Named(NamedTuple):
    """A limit, how it was seen, and how many it lets in at once where that is known."""

    limit: Limit
    seen: LimitSeen | None
    size: float | None


def seen_of(
    n: int,
    trace: LoopTrace | None,
    server_cpu_s: float,
    starved_s: float,
    cpus: float,
    answered: float,
) -> Seen:
    """Give what a level used: from the trace, and what the server's processes had of the cores.

    ``answered`` requests were, in the trace's time; ``starved_s`` is what all threads of the server
    waited for a core, together. A loop that waits for a core which others have is in use, and so is
    the GIL of a thread that does. Nothing is for more than all of the time: threads that wait for a
    core that another of the server's has lose nothing by that, and of a stall counts what lies
    within. Without a probe nothing is known.
    """
    if trace is None:
        return Seen(n, {}, {}, (), 0.0, {}, 0.0)
    span_s = max(1e-9, trace.to_s - trace.from_s)
    within = [(stall, part_within(stall, trace.from_s, trace.to_s)) for stall in trace.stalls]
    waiting = sum(part * waiting_s(stall) for stall, part in within)
    gil_s = sum(part * stall.gil_s for stall, part in within)
    others_s = max(0.0, trace.process_cpu_s - trace.loop_cpu_s)
    all_s = cpus * span_s
    lost_s = min(server_cpu_s, lost_to_others_s(server_cpu_s, starved_s, all_s))
    busy_s = {
        LOOP_WAITING: waiting,
        LOOP_COMPUTING: trace.loop_cpu_s,
        CORES: (server_cpu_s + lost_s) / cpus,
    }
    if trace.gil and others_s > trace.loop_cpu_s:  # else the loop has the GIL while it computes
        busy_s[GIL] = trace.loop_cpu_s + min(others_s, gil_s)
    used = {name: min(1.0, spent_s / span_s) for name, spent_s in busy_s.items()}
    waited_s = sum(part * stall.starved_s for stall, part in within)
    theirs = share_of_others(trace.loop_cpu_s, server_cpu_s, all_s)
    # No longer than in use: what is woken a thousand times a second for nothing, as a heartbeat is,
    # may wait for a core all the time, and what always wants one has as much of it as each other.
    unserved_s = min(waiting + trace.loop_cpu_s, theirs * waited_s)
    used[LOOP_COMPUTING] = min(1.0, (trace.loop_cpu_s + unserved_s) / span_s)
    if GIL in used:
        gil_s = min(others_s + lost_s, gil_s)
        used[GIL] = min(1.0, (trace.loop_cpu_s + gil_s) / span_s)
    sizes = {}
    for pool in trace.pools:
        if pool.size:
            used[pool.name] = min(1.0, pool.held_s / span_s / pool.size)
            sizes[pool.name] = float(pool.size)
    spent = busy_s | {CORES: server_cpu_s}  # what others had of the cores is no need of a request's
    needs_s = {name: spent_s / max(1.0, answered) for name, spent_s in spent.items()}
    starved = starved_of(server_cpu_s, starved_s, all_s)
    places = tuple(places_of(trace.standing))
    return Seen(n, used, sizes, places, trace.in_flight, needs_s, starved)


def share_of_others(loop_cpu_s: float, server_cpu_s: float, all_s: float) -> float:
    """Give the part that others than the server had of what ran beside its loop, or could have."""
    beside_s = max(1e-9, all_s - loop_cpu_s)
    return min(1.0, max(0.0, all_s - server_cpu_s) / beside_s)


def lost_to_others_s(server_cpu_s: float, starved_s: float, all_s: float) -> float:
    """Give the CPU seconds that a server's threads waited for and others had, of all there were."""
    return min(starved_s, max(0.0, all_s - server_cpu_s))


def starved_of(server_cpu_s: float, starved_s: float, all_s: float) -> float:
    """Give the same as the part of the CPU time that the server wanted: 0 is all it wanted."""
    lost_s = lost_to_others_s(server_cpu_s, starved_s, all_s)
    return lost_s / (lost_s + server_cpu_s) if lost_s else 0.0


def name_limit(at: Seen, beyond: Seen) -> Named:
    """Name what keeps a ceiling, by the level that just reaches it and one with more requests.

    What is done one at a time comes first: where it is in use all the time, whatever queues in
    front of it, a lock or a pool, only waits for it as well.
    """
    full = {name: share for name, share in beyond.used.items() if share >= FULL}
    loop = beyond.used.get(LOOP_WAITING, 0.0) + beyond.used.get(LOOP_COMPUTING, 0.0)
    if loop >= FULL and not full.keys() & set(ONE_AT_A_TIME):
        kinds = (LOOP_WAITING, LOOP_COMPUTING)
        return Named(Limit(max(kinds, key=lambda kind: beyond.used[kind])), None, None)
    serial = [name for name in ONE_AT_A_TIME if name in full]
    if serial:
        # What is full itself would be so with more cores, and theirs may be of other processes.
        return Named(Limit(max(serial, key=lambda name: (name != CORES, full[name]))), None, None)
    queue = standing_on_top(at, beyond)
    pools = [name for name in full if name in beyond.sizes]
    if pools and queue is not None and queue.limit in SERVED:
        queue = None
    if queue is not None and (not pools or queue.seen is None or queue.seen.share >= MOST):
        return queue
    if pools:
        name = max(pools, key=lambda each: full[each])
        return Named(Limit(name), None, beyond.sizes[name])
    return Named(Limit.UNKNOWN, None, None)


def standing_on_top(at: Seen, beyond: Seen) -> Named | None:
    """Name the queue in which most of the requests stand that come on top of a ceiling."""
    more = beyond.n - at.n
    if more <= 0:
        return None
    before = {_key(place): place.at_once for place in at.places}
    grown = [(place.at_once - before.get(_key(place), 0.0), place) for place in beyond.places]
    on_top, place = max(grown, key=lambda each: each[0], default=(0.0, None))
    if place is None or on_top < MOST * more:
        return None
    frame = place.frame
    size = None
    if place.limit is Limit.THREAD_POOL:
        size = _served_by_pool(at, place)
    elif place.limit not in {Limit.RATE_LIMIT, Limit.UPSTREAM}:
        size = max(1, round(beyond.in_flight - place.at_once))
    share = min(1.0, on_top / more)
    seen = LimitSeen(frame.file, frame.line, frame.function, frame.call, share, size, place.owner)
    return Named(place.limit, seen, size)


def _served_by_pool(at: Seen, place: Place) -> int | None:
    """Give how many threads of a pool serve: as many as wait for one's answer at the knee.

    Those that a thread serves wait at the same line as those before it. Where the level at the knee
    is the least that is looked at, it may be beyond it: then that is not known.
    """
    at_once = next((each.at_once for each in at.places if _key(each) == _key(place)), 0.0)
    return max(1, round(at_once)) if at.n > LOOKED_AT else None


def _key(place: Place) -> tuple[str, int, Limit]:
    return place.frame.file, place.frame.line, place.limit
