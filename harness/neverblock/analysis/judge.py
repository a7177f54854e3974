"""A Measurement and a Criterion in, a Judgement out. Pure, so a saved run can be judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.black_box import diagnosis_from_outside, loop_check
from neverblock.analysis.diagnose import (
    VERDICTS,
    cpu_limited,
    diagnose,
    loop_fault,
    overlaps,
    too_short,
    waiting_share,
)
from neverblock.model import CheckState, Diagnosis, Verdict
from neverblock.result import Checks, Judgement
from neverblock.units import seconds

if TYPE_CHECKING:
    from neverblock.result import Criterion, Measurement

BLIND_INTERVALS = 2
"""Of the canary: from outside, a shorter hold may fall between two pings or pass for jitter."""

UNDER_LOAD = {
    "409": "they change the same thing: give each request its own, or leave the endpoint out",
    "429": "a rate limit: lift it for the check, or ask for less at once with -n 3",
    "500": "the app breaks under load: see its log",
    "502": "what it asks behind it breaks under load",
    "503": "it turns requests away under load: a pool or a limit of its own",
    "504": "what it asks behind it is too slow under load",
}
"""What a status means that comes only in a burst."""

NO_CHECKS = Checks(CheckState.NOT_APPLICABLE, CheckState.NOT_APPLICABLE, CheckState.NOT_APPLICABLE)


def judge(measurement: Measurement, criterion: Criterion) -> Judgement:
    """Judge one measurement: errors first, then what spoils it, then the three checks."""
    if failures := failed_requests(measurement, criterion):
        return Judgement(NO_CHECKS, Verdict.ERROR, Diagnosis.ERRORING, erroring_reason(failures))
    if (loop := measurement.loop) is not None and not loop.armed:
        return inconclusive(f"The probe gave no trace: {loop.complaint or 'it never reported'}.")
    if loop is None and measurement.solo_canary.sent <= measurement.solo_canary.lost:
        return inconclusive("There is no probe, and the canary was never answered.")
    checks = check(measurement, criterion)
    if loop is None:
        diagnosis = diagnosis_from_outside(checks.concurrency, checks.loop)
    else:
        diagnosis = diagnose(measurement, checks, criterion)
    return Judgement(
        checks=checks,
        verdict=VERDICTS[diagnosis],
        diagnosis=diagnosis,
        reason=reason(measurement, diagnosis),
        notes=notes(measurement, checks, diagnosis),
    )


def inconclusive(why: str) -> Judgement:
    """Refuse to judge, saying why."""
    return Judgement(NO_CHECKS, Verdict.INCONCLUSIVE, Diagnosis.INCONCLUSIVE, why)


def skipped(why: str) -> Judgement:
    """Say what an endpoint needs that is not there."""
    return Judgement(NO_CHECKS, Verdict.SKIPPED, Diagnosis.SKIPPED, why)


def erroring(why: str) -> Judgement:
    """Say why nothing could be measured."""
    return Judgement(NO_CHECKS, Verdict.ERROR, Diagnosis.ERRORING, why)


def failed_requests(measurement: Measurement, criterion: Criterion) -> dict[str, int]:
    """Give the answers that are no success, counted by status or error."""
    return {
        status: count
        for status, count in measurement.statuses.items()
        if not (status.isdigit() and is_right(int(status), criterion.accepted))
    }


def is_right(status: int, accepted: tuple[int, ...]) -> bool:
    """Say whether a status is a right answer: one of those accepted, else any below 400."""
    return status in accepted if accepted else status < 400  # noqa: PLR2004 - HTTP's first error


def erroring_reason(failures: dict[str, int]) -> str:
    """Say how requests failed that went well one at a time, and what that suggests."""
    listed = ", ".join(f"{count} x {status}" for status, count in failures.items())
    hint = next((UNDER_LOAD[status] for status in failures if status in UNDER_LOAD), None)
    return f"Requests failed together that went well alone: {listed}{f' ({hint})' if hint else ''}."


def check(measurement: Measurement, criterion: Criterion) -> Checks:
    """Apply the three checks."""
    return Checks(
        document=check_document(measurement, criterion),
        concurrency=check_concurrency(measurement, criterion),
        loop=check_loop(measurement, criterion),
    )


def check_document(measurement: Measurement, criterion: Criterion) -> CheckState:
    """Apply the reference documentation's assertion, word for word: 10 requests < 2 s."""
    if measurement.closed_loop:
        return CheckState.NOT_APPLICABLE
    if measurement.wall_s >= criterion.document_limit_s:
        return CheckState.FAIL
    if measurement.serial_bound_s < criterion.document_limit_s:
        return CheckState.BLIND
    return CheckState.PASS


def check_concurrency(measurement: Measurement, criterion: Criterion) -> CheckState:
    """Apply the same assertion free of scale.

    It has no say where the CPU is the limit, and where a whole burst is too short to matter.
    """
    if overlaps(measurement, criterion):
        return CheckState.PASS
    if too_short(measurement, criterion) or cpu_limited(measurement):
        return CheckState.NOT_APPLICABLE
    return CheckState.FAIL


def check_loop(measurement: Measurement, criterion: Criterion) -> CheckState:
    """Ask the probe what held the loop; without one, ask what the canary suffered."""
    if measurement.loop is None:
        return loop_check(measurement, criterion)
    return CheckState.FAIL if loop_fault(measurement, criterion) else CheckState.PASS


def reason(measurement: Measurement, diagnosis: Diagnosis) -> str:
    """Say in one sentence what was measured and what it means."""
    m = measurement
    took = f"{m.requests} requests took {seconds(m.wall_s)}, one takes {seconds(m.solo_s)}"
    waited = f"every other request waited up to {seconds(m.canary.longest_s)}"
    alone = m.loop.solo if m.loop else None
    match diagnosis:
        case Diagnosis.BLOCKING | Diagnosis.BLOCKING_IO:
            return f"blocks the event loop: {took}; {waited}"
        case Diagnosis.BLOCKING_CPU:
            held = (
                f"computes for {seconds(alone.longest_computing_s)} on the loop; " if alone else ""
            )
            return f"blocks the event loop: {held}{took}; {waited}"
        case Diagnosis.GIL_HELD:
            held = seconds(alone.longest_gil_held_s) if alone else "?"
            return f"freezes the event loop: a C call in another thread keeps the GIL for {held}"
        case Diagnosis.GIL_CONTENTION:
            return f"keeps the loop turning, but threads share one GIL: {took}"
        case Diagnosis.COOPERATIVE_CPU:
            return f"computes on the loop in short slices, so requests go one by one: {took}"
        case Diagnosis.CPU_BOUND:
            return f"keeps the loop free; the wall is the CPU's own limit: {took}"
        case Diagnosis.EXECUTOR_SATURATED:
            return f"requests queue for {executor_name(m)}: {took}"
        case Diagnosis.SERIALIZED:
            return (
                f"the loop is free, yet requests go one by one (a lock, a pool of one, a limiter, "
                f"an upstream): {took}"
            )
        case Diagnosis.INCONCLUSIVE:
            return (
                f"{took}; {waited}: from outside, a held loop, a lock, a queue for threads and the "
                "CPU's own limit cannot be told apart here; serve the app under the probe"
            )
        case _:
            return f"keeps the event loop free: {took}; {waited}"


def executor_name(measurement: Measurement) -> str:
    """Say which pool of threads requests queued for, and its size."""
    executors = measurement.loop.executors if measurement.loop else None
    if executors is None:
        return "a worker thread"
    if executors.default_queued >= executors.anyio_waiting:
        return f"the loop's default executor ({executors.default_threads} threads)"
    return f"anyio's limiter ({executors.anyio_tokens:g} tokens)"


def notes(measurement: Measurement, checks: Checks, diagnosis: Diagnosis) -> tuple[str, ...]:
    """Give what a reader should know besides: which check saw it, and which could not."""
    found = []
    m = measurement
    if checks.document is CheckState.BLIND:
        found.append(
            f"the 2 s assertion is blind here: even one after the other, {measurement.n} requests "
            f"take {seconds(measurement.serial_bound_s)}"
        )
    if diagnosis in {Diagnosis.GIL_CONTENTION, Diagnosis.CPU_BOUND, Diagnosis.COOPERATIVE_CPU}:
        found.append("more processes, not more threads, would make it faster")
    if measurement.loop is None:
        found.append(
            "no probe: waiting and computing cannot be told apart, no line can be named, and the "
            f"loop may be held unseen for up to {seconds(BLIND_INTERVALS * m.canary.interval_s)}"
        )
    elif share := waiting_share(measurement, measurement.loop):
        found.append(f"waits on the loop thread for {share:.0%} of its own time")
    if measurement.loop is not None and measurement.loop.complaint:
        found.append(f"the probe: {measurement.loop.complaint}")
    if measurement.discarded:
        found.append(f"{len(measurement.discarded)} rounds thrown away: {measurement.discarded[0]}")
    return tuple(found)
