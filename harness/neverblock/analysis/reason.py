"""What is said of a verdict: one sentence with its figures, and the notes beside it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.demands import (
    CORES,
    GENERATOR,
    GIL,
    LOOP_COMPUTING,
    LOOP_WAITING,
    RESOLUTION_S,
    ceiling_of,
    cpu_limit,
    is_uneven,
    likely_s,
)
from neverblock.analysis.harm import held_after_answer_s, waited_s
from neverblock.analysis.waiting import waiting_place
from neverblock.model import Diagnosis
from neverblock.units import milliseconds, rate, seconds

if TYPE_CHECKING:
    from neverblock.measurement import HoldFigures, Measurement, Pool
    from neverblock.result import Criterion

UNDER_LOAD = {
    "409": "they change the same thing: give each request its own, or leave the endpoint out",
    "429": "a rate limit: lift it for the check, or ask for less at once with -n 3",
    "500": "the app breaks under load: see its log",
    "502": "what it asks behind it breaks under load",
    "503": "it turns requests away under load: a pool or a limit of its own",
    "504": "what it asks behind it is too slow under load",
}
"""What a status means that comes only in a burst."""

BLIND_INTERVALS = 2
"""Of the canary: from outside, a shorter hold may fall between two pings or pass for jitter."""

POOL_NAMES = {
    "anyio-tokens": "anyio's limiter ({} tokens)",
    "default-executor": "the loop's default executor ({} threads)",
    "thread-pool": "a thread pool of the app's own ({} threads)",
}

NOT_THE_APP = ", which a busy machine or the client may explain"
"""For whom others waited beyond the limit where the probe saw neither app nor background do it."""

FASTER_BY = {
    Diagnosis.GIL_CONTENTION: "more processes, not more threads,",
    Diagnosis.COOPERATIVE_CPU: "more processes, not more threads,",
    Diagnosis.CPU_BOUND: "more cores, or less work for each request,",
}
"""What helps where the CPU is the limit; more processes have no more cores."""


def reason(measurement: Measurement, diagnosis: Diagnosis, criterion: Criterion) -> str:
    """Say in one sentence what was measured and what it means."""
    m = measurement
    took = f"{m.requests} requests took {seconds(m.wall_s)}, one alone takes {seconds(m.solo_s)}"
    waited = f"every other request waited up to {seconds(m.canary.longest_s)}"
    alone = m.loop.solo if m.loop else None
    match diagnosis:
        case Diagnosis.BLOCKING:
            return f"blocks the event loop: {took}; {waited}"
        case Diagnosis.BLOCKING_IO:
            return f"blocks the event loop{_waits(m)}: {took}; {_later(m, criterion) or waited}"
        case Diagnosis.BLOCKING_CPU:
            later = _later(m, criterion)
            return f"blocks the event loop: {_computes(alone)}{took}; {later or waited}"
        case Diagnosis.GIL_HELD:
            held = f" for {seconds(alone.longest_gil_held_s)}" if alone else ""
            return f"freezes the event loop: a call in another thread keeps the GIL{held}; {waited}"
        case Diagnosis.EXECUTOR_SATURATED:
            return f"requests queue for {pool_name(m)}: {took}"
        case Diagnosis.SERIALIZED:
            return f"requests go one by one{_at_what(m)}: {took}"
        case Diagnosis.INCONCLUSIVE:
            return (
                f"{took}; {waited}: from outside, a held loop, a lock, a queue for threads and the "
                "CPU's own limit cannot be told apart here; serve the app under the probe"
            )
        case Diagnosis.CONCURRENT if waited_s(m) > criterion.loop_limit_s:
            return f"does not hold the event loop: {took}; {waited}, for work of no request"
        case Diagnosis.CONCURRENT:
            beyond = m.loop is not None and m.canary.longest_s > criterion.loop_limit_s
            return f"keeps the event loop free: {took}; {waited}{NOT_THE_APP * beyond}"
    return f"{_limit(m, diagnosis)}; {took}; {waited}"


def _later(m: Measurement, criterion: Criterion) -> str:
    """Say that the loop is held after the answers, where nobody asked meanwhile; else ""."""
    harmless = m.canary.longest_s <= criterion.loop_limit_s
    later = harmless and held_after_answer_s(m) > RESOLUTION_S
    return "whoever asks next waits, for it does so after its answer" if later else ""


def _at_what(m: Measurement) -> str:
    """Say where requests that go one by one wait, or that nothing tells it."""
    if place := waiting_place(m):
        return f", {place}"
    return (
        ", and nothing in the process explains it (a lock, a pool of connections, a limiter, an "
        "upstream)"
    )


def _waits(m: Measurement) -> str:
    demand = m.demands.get(LOOP_WAITING)
    return f" for {milliseconds(demand.low_s, demand.high_s)} a request" if demand else ""


def _computes(alone: HoldFigures | None) -> str:
    return f"computes for {seconds(alone.longest_computing_s)} at once; " if alone else ""


def _limit(m: Measurement, diagnosis: Diagnosis) -> str:
    """Say what one request needs of the resource that is the limit, and what follows."""
    name = {
        Diagnosis.SHORT_WAITS: LOOP_WAITING,
        Diagnosis.COOPERATIVE_CPU: LOOP_COMPUTING,
        Diagnosis.GIL_CONTENTION: GIL,
    }.get(diagnosis, CORES)
    if name not in m.demands:
        return "computes"
    demand = m.demands[name]
    needs_s = likely_s(name, demand)
    most = f"at most {rate(ceiling_of(name, m.demands))} requests a second" if needs_s else ""
    needs = seconds(needs_s)
    return {
        LOOP_WAITING: f"waits {needs} on the loop a request: {most} in one process",
        LOOP_COMPUTING: f"computes {needs} on the loop a request: {most} in one process",
        GIL: f"computes {needs} a request in threads that share one GIL: {most} in one process",
        CORES: f"computes {needs} a request: {most} on {demand.servers:g} cores",
    }[name]


def busiest_pool(measurement: Measurement) -> Pool | None:
    """Give the pool that requests queued for the longest; None where they queued for none."""
    pools = measurement.loop.pools if measurement.loop else ()
    return max((p for p in pools if p.queued_s > 0), key=lambda p: p.queued_s, default=None)


def pool_name(measurement: Measurement) -> str:
    """Say which pool of threads requests queued for, and its size."""
    pool = busiest_pool(measurement)
    if pool is None:
        return "a worker thread"
    return POOL_NAMES[pool.name].format(pool.size if pool.size is not None else "n")


def erroring_reason(failures: dict[str, int]) -> str:
    """Say how requests failed that went well one at a time, and what that suggests."""
    listed = ", ".join(f"{count} x {status}" for status, count in failures.items())
    hint = next((UNDER_LOAD[status] for status in failures if status in UNDER_LOAD), None)
    return f"Requests failed together that went well alone: {listed}{f' ({hint})' if hint else ''}."


def notes(measurement: Measurement, diagnosis: Diagnosis) -> tuple[str, ...]:
    """Give what a reader should know besides the sentence."""
    found = []
    m, loop = measurement, measurement.loop
    if diagnosis in FASTER_BY:
        found.append(f"{FASTER_BY[diagnosis]} would make it faster")
    if loop is None:
        found.append(
            "no probe: waiting and computing cannot be told apart, no line can be named, and the "
            f"loop may be held unseen for up to {seconds(BLIND_INTERVALS * m.canary.interval_s)}"
        )
        return tuple(found)
    if diagnosis is Diagnosis.CONCURRENT and _waits_for_slowest(m):
        alone = milliseconds(min(m.solo_samples_s), max(m.solo_samples_s))
        found.append(f"one alone takes {alone}: the burst takes as long as the slowest")
    if LOOP_WAITING in m.demands and diagnosis is not Diagnosis.BLOCKING_IO:
        found.append(f"waits on the loop{_waits(m)}")
    if diagnosis is Diagnosis.CONCURRENT and _client_is_limit(m):
        found.append(
            f"the client itself needs {seconds(m.demands[GENERATOR].high_s)} to read an answer, "
            "which is most of the burst"
        )
    if loop.background_s > RESOLUTION_S:
        found.append(
            "work of no request (a collection, a task or thread of the app) held the loop for "
            f"{seconds(loop.background_s)} of the burst"
        )
    if loop.complaint:
        found.append(f"the probe: {loop.complaint}")
    return tuple(found)


def _waits_for_slowest(m: Measurement) -> bool:
    """Say whether a burst takes twice one request and more for one that is slow by itself."""
    return is_uneven(m) and m.wall_s - m.floor_s >= 2 * m.solo_s


def frozen(m: Measurement) -> str:
    """Say for how long the loop was frozen by what cannot be told; empty where that is nothing."""
    frozen_s = m.loop.burst.frozen_s * m.requests if m.loop else 0.0
    if frozen_s <= RESOLUTION_S:
        return ""
    return f"; it was frozen for {seconds(frozen_s)}, and the cause (GIL or machine) cannot be told"


def _client_is_limit(m: Measurement) -> bool:
    client = m.demands.get(GENERATOR)
    limit = m.demands.get(cpu_limit(m))
    limit_s = m.requests * limit.low_s / limit.servers if limit else 0.0
    return client is not None and m.requests * client.high_s > max(m.solo_s, limit_s)
