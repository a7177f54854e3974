"""Whether requests queued for a thread, and for how long for certain. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.demands import CORES, GIL
from neverblock.analysis.noise import woken_late_s
from neverblock.analysis.reason import busiest_pool, pool_name
from neverblock.units import milliseconds

if TYPE_CHECKING:
    from neverblock.analysis.demands import Bounds
    from neverblock.measurement import Measurement
    from neverblock.result import Criterion


def queues_for_threads(m: Measurement, bounds: Bounds, criterion: Criterion, late_s: float) -> bool:
    """Say whether requests queued for a thread for as long as their own work there takes.

    A call also waits where a thread is free and has no core yet, for ``late_s`` at most. Where the
    process computes for longer than its threads are held, more threads would not help.
    """
    limit = m.demands.get(GIL) or m.demands.get(CORES)
    cpu_s = m.requests * limit.high_s / limit.servers if limit else 0.0
    return any(
        queue.work_s > 0
        and queue.queued_s - late_s >= criterion.efficiency * queue.work_s
        and bounds.by[queue.pool.name] >= cpu_s
        for queue in bounds.queues
    )


def queued(m: Measurement) -> str:
    """Say for how long requests queued for a thread: at least, and as it was seen."""
    pool = busiest_pool(m)
    seen_s = pool.queued_s if pool else 0.0
    least_s = max(0.0, seen_s - woken_late_s(m))
    return f"requests queue for {pool_name(m)} for {milliseconds(least_s, seen_s)}"
