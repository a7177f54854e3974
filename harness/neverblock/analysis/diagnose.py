"""Figures in, a diagnosis out: what held the loop, or why requests queue. Pure.

Each predicate answers one question from a Measurement; ``diagnose`` asks them in the order of
their certainty: what was seen of the loop thread first, what the wall clock suggests last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.counterfactual import unstarved
from neverblock.analysis.measure import net_wall_s
from neverblock.model import CheckState, Diagnosis, Verdict

if TYPE_CHECKING:
    from neverblock.result import Checks, Criterion, LoopFigures, Measurement

RESOLUTION_S = 0.002
"""Below this the probe cannot tell a wait from its own heartbeat's interval."""

SATURATED = 0.8
"""The share of a core, or of all of them, from which the CPU explains the wall."""

MOSTLY = 0.6
"""The share of the server's CPU from which the loop thread is the one that computes."""

GIL_SHARE = 0.2
"""The share of a burst for which the loop thread waited for the GIL, from which we say so."""

GIL_MOSTLY = 0.5
"""The same where all cores are used up as well, which is the other reason there can be.

On two cores it is 0.80 to 0.94 where threads run Python, and where they compute in C without the
GIL at most 0.10; beside a busy core 0.22, as the thread that has the GIL may have no core.
"""

VERDICTS = {
    Diagnosis.CONCURRENT: Verdict.PASS,
    Diagnosis.BLOCKING: Verdict.FAIL,
    Diagnosis.BLOCKING_IO: Verdict.FAIL,
    Diagnosis.BLOCKING_CPU: Verdict.FAIL,
    Diagnosis.GIL_HELD: Verdict.FAIL,
    Diagnosis.GIL_CONTENTION: Verdict.PASS,
    Diagnosis.COOPERATIVE_CPU: Verdict.PASS,
    Diagnosis.CPU_BOUND: Verdict.PASS,
    Diagnosis.EXECUTOR_SATURATED: Verdict.FAIL,
    Diagnosis.SERIALIZED: Verdict.FAIL,
    Diagnosis.ERRORING: Verdict.ERROR,
    Diagnosis.INCONCLUSIVE: Verdict.INCONCLUSIVE,
    Diagnosis.SKIPPED: Verdict.SKIPPED,
}


def waiting_share(measurement: Measurement, loop: LoopFigures) -> float:
    """Give the share of its own time for which a request waited on the loop thread.

    The worse of solo and burst: some waits (a lock of threads) only come with company.
    """
    worst_s = max(loop.solo.waiting_s, loop.burst.waiting_s)
    return share_of(worst_s, measurement.solo_s)


def share_of(waiting_s: float, own_s: float) -> float:
    """Give a wait as a share of an endpoint's own time; 0 where the probe cannot tell it."""
    return waiting_s / own_s if waiting_s > RESOLUTION_S else 0.0


def loop_fault(measurement: Measurement, criterion: Criterion) -> Diagnosis | None:
    """Say what held the loop for too long, the larger fault first; None where nothing did.

    Computing and the GIL are judged by solo requests: under a burst one turn of the loop runs
    the slices of many requests, and threads share the GIL.
    """
    loop = measurement.loop
    if loop is None:
        return None
    waiting = max(loop.solo.waiting_s, loop.burst.waiting_s)
    computing = loop.solo.longest_computing_s
    gil_held = loop.solo.longest_gil_held_s
    faults = []
    if waiting_share(measurement, loop) > criterion.waiting_share:
        faults.append((waiting, Diagnosis.BLOCKING_IO))
    if computing > criterion.loop_limit_s:
        faults.append((computing, Diagnosis.BLOCKING_CPU))
    if gil_held > criterion.loop_limit_s:
        faults.append((gil_held, Diagnosis.GIL_HELD))
    return max(faults)[1] if faults else None


def overlaps(measurement: Measurement, criterion: Criterion) -> bool:
    """Whether the burst took less than twice one request, the null burst's cost aside.

    In a closed loop requests never end together: there the efficiency itself has to be above one
    half, which is the same.
    """
    if measurement.closed_loop:
        return measurement.efficiency > criterion.efficiency
    limit_s = measurement.solo_s / criterion.efficiency
    return net_wall_s(measurement) < limit_s


def too_short(measurement: Measurement, criterion: Criterion) -> bool:
    """Whether a whole burst fits into the loop limit, so that nobody could have waited longer."""
    return not measurement.closed_loop and net_wall_s(measurement) < criterion.loop_limit_s


def short_in_series(measurement: Measurement, criterion: Criterion) -> bool:
    """Whether the requests of a burst fit into the loop limit even one after another.

    What a burst takes beyond that (new connections, cold caches) is no work of the endpoint's.
    """
    return not measurement.closed_loop and measurement.serial_bound_s < criterion.loop_limit_s


def cores_used(measurement: Measurement) -> float:
    """Give how many cores the server's process tree kept busy during the burst, if known."""
    return (measurement.server_cpu_s or 0.0) / measurement.wall_s


def usable_cores(measurement: Measurement) -> float:
    """Give the cores that others left to the server, at least half a one."""
    machine = measurement.machine
    return max(0.5, measurement.cpus * (1 - (machine.busy or 0.0) - machine.steal))


def all_cores_used(measurement: Measurement) -> bool:
    """Whether the server used up the cores that others left to it."""
    return cores_used(measurement) >= SATURATED * usable_cores(measurement)


def waits_for_gil(measurement: Measurement, share: float) -> bool:
    """Whether the loop thread waited for the GIL for so much of the burst."""
    loop = measurement.loop
    if loop is None:
        return False
    return loop.burst.gil_s * measurement.requests >= share * measurement.wall_s


def gil_bound(measurement: Measurement) -> bool:
    """Whether threads running Python used up the one core that the GIL allows a process.

    Where one of them had the GIL nearly all the time, it also had it while it waited for a core.
    """
    m, one_core = measurement, SATURATED * min(1.0, usable_cores(measurement))
    used = cores_used(m)
    if waits_for_gil(m, one_core):
        used += (m.machine.starved_s or 0.0) / m.wall_s
    return waits_for_gil(m, GIL_SHARE) and used >= one_core


def computes_on_loop(measurement: Measurement) -> bool:
    """Whether the loop thread itself used most of the server's CPU, and all it could get."""
    loop = measurement.loop
    if loop is None or loop.cpu_s < MOSTLY * (measurement.server_cpu_s or 0.0):
        return False
    return loop.cpu_s + loop_starved_s(measurement) >= SATURATED * measurement.wall_s


def loop_starved_s(measurement: Measurement) -> float:
    """Give the seconds of the burst in which the loop thread was runnable without a core."""
    loop = measurement.loop
    return 0.0 if loop is None else loop.burst.starved_s * measurement.requests


def hardly_ran(measurement: Measurement) -> bool:
    """Whether the loop thread waited for a core for longer than it had one.

    Then it does not show what it would do with one.
    """
    loop = measurement.loop
    return loop is not None and loop_starved_s(measurement) > loop.cpu_s


def cpu_limited(measurement: Measurement) -> bool:
    """Whether the wall is the CPU's own limit: of all cores, of the GIL, or of the loop thread."""
    return all_cores_used(measurement) or gil_bound(measurement) or computes_on_loop(measurement)


def executor_full(measurement: Measurement) -> bool:
    """Whether requests were seen queueing for a worker thread."""
    if measurement.loop is None:
        return False
    executors = measurement.loop.executors
    return executors.anyio_waiting > 0 or executors.default_queued > 0


def diagnose(measurement: Measurement, checks: Checks, criterion: Criterion) -> Diagnosis:
    """Give the one diagnosis of a valid measurement without errors."""
    if checks.loop is CheckState.FAIL:
        fault = loop_fault(measurement, criterion)
        if fault is not None:
            return fault
    if checks.concurrency is CheckState.FAIL:
        full = executor_full(measurement)
        return Diagnosis.EXECUTOR_SATURATED if full else Diagnosis.SERIALIZED
    if checks.concurrency is CheckState.NOT_APPLICABLE:
        return cpu_diagnosis(measurement, criterion)
    return Diagnosis.CONCURRENT


def cpu_diagnosis(measurement: Measurement, criterion: Criterion) -> Diagnosis:
    """Say which limit of the CPU the wall is, where it is one at all.

    It is none where the requests are short even one after another, or where the burst would have
    been over at once, had the server had its cores.
    """
    at_best = unstarved(measurement) or measurement
    if short_in_series(measurement, criterion) or too_short(at_best, criterion):
        return Diagnosis.CONCURRENT
    if computes_on_loop(measurement):
        return Diagnosis.COOPERATIVE_CPU
    share = GIL_MOSTLY if all_cores_used(measurement) else GIL_SHARE
    shares_gil = gil_bound(measurement) and waits_for_gil(measurement, share)
    if shares_gil and cores_used(measurement) < 2 * SATURATED:
        return Diagnosis.GIL_CONTENTION
    return Diagnosis.CPU_BOUND
