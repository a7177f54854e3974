"""A Measurement and a Criterion in, a Judgement out. Pure, so a saved run can be judged again.

Every figure has two ends: as it was seen, and less what may be noise. A verdict counts where both
ends give it; else the endpoint is measured again, and is inconclusive where that settles nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.black_box import diagnosis_from_outside, loop_check
from neverblock.analysis.demands import (
    CORES,
    GENERATOR,
    GIL,
    LOOP_COMPUTING,
    LOOP_WAITING,
    POOLS,
    UNKNOWN,
    both_ends,
    cpu_limit,
    on_cpu_s,
)
from neverblock.analysis.harm import harms, unexplained_harm_s
from neverblock.analysis.holds import Holds, holds_of
from neverblock.analysis.noise import woken_late_s
from neverblock.analysis.reason import erroring_reason, frozen, notes, reason
from neverblock.analysis.thread_queue import queued, queues_for_threads
from neverblock.model import CheckState, Diagnosis, Verdict
from neverblock.result import Checks, Judgement
from neverblock.units import milliseconds, seconds

if TYPE_CHECKING:
    from neverblock.analysis.demands import Bounds
    from neverblock.measurement import Measurement
    from neverblock.result import Criterion

NO_CHECKS = Checks(CheckState.NOT_APPLICABLE, CheckState.NOT_APPLICABLE, CheckState.NOT_APPLICABLE)

VERDICTS = {
    Diagnosis.CONCURRENT: Verdict.PASS,
    Diagnosis.BLOCKING: Verdict.FAIL,
    Diagnosis.BLOCKING_IO: Verdict.FAIL,
    Diagnosis.BLOCKING_CPU: Verdict.FAIL,
    Diagnosis.GIL_HELD: Verdict.FAIL,
    Diagnosis.GIL_CONTENTION: Verdict.PASS,
    Diagnosis.COOPERATIVE_CPU: Verdict.PASS,
    Diagnosis.CPU_BOUND: Verdict.PASS,
    Diagnosis.SHORT_WAITS: Verdict.PASS,
    Diagnosis.EXECUTOR_SATURATED: Verdict.FAIL,
    Diagnosis.SERIALIZED: Verdict.FAIL,
    Diagnosis.ERRORING: Verdict.ERROR,
    Diagnosis.INCONCLUSIVE: Verdict.INCONCLUSIVE,
    Diagnosis.SKIPPED: Verdict.SKIPPED,
}

LIMITS = {
    LOOP_WAITING: Diagnosis.SHORT_WAITS,
    LOOP_COMPUTING: Diagnosis.COOPERATIVE_CPU,
    GIL: Diagnosis.GIL_CONTENTION,
    CORES: Diagnosis.CPU_BOUND,
}
"""The diagnosis of an endpoint without a fault, by the resource that made others wait."""

SEEN, LEAST = 0, 1


def judge(measurement: Measurement, criterion: Criterion) -> Judgement:
    """Judge one measurement: errors first, then what is in doubt, then the verdict's rules."""
    m = measurement
    if failures := failed_requests(m, criterion):
        return Judgement(NO_CHECKS, Verdict.ERROR, Diagnosis.ERRORING, erroring_reason(failures))
    if m.loop is None:
        return _from_outside(m, criterion)
    if not m.loop.armed:
        complaint = m.loop.complaint or "it never reported"
        return inconclusive(f"The probe gave no trace: {complaint.rstrip('.')}.")
    if why := doubt(m, criterion):
        return inconclusive(f"Too near a limit to tell: {why}.")
    fault = fault_at(m, criterion, LEAST)
    diagnosis = fault or limit_of(m, criterion)
    return _judgement(m, criterion, check(m, criterion, fault), diagnosis)


def _from_outside(m: Measurement, criterion: Criterion) -> Judgement:
    if m.solo_canary.sent <= m.solo_canary.lost:
        return inconclusive("There is no probe, and the canary was never answered.")
    checks = Checks(
        document=check_document(m, criterion),
        concurrency=CheckState.PASS if _overlaps(m, criterion, SEEN) else CheckState.FAIL,
        loop=loop_check(m, criterion),
    )
    if _too_short(m, criterion, SEEN) and checks.concurrency is CheckState.FAIL:
        checks = Checks(checks.document, CheckState.NOT_APPLICABLE, checks.loop)
    diagnosis = diagnosis_from_outside(checks.concurrency, checks.loop)
    return _judgement(m, criterion, checks, diagnosis)


def _judgement(
    m: Measurement, criterion: Criterion, checks: Checks, diagnosis: Diagnosis
) -> Judgement:
    return Judgement(
        checks=checks,
        verdict=VERDICTS[diagnosis],
        diagnosis=diagnosis,
        reason=reason(m, diagnosis, criterion),
        notes=notes(m, diagnosis),
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


def fault_at(measurement: Measurement, criterion: Criterion, end: int) -> Diagnosis | None:
    """Give what is wrong with an endpoint at one end of its figures, or None.

    What held the loop comes first, the longest if there are several: then what requests queued for.
    """
    held = held_too_long(holds_of(measurement), criterion, end)
    if held is not None:
        return held
    bounds = both_ends(measurement, measurement.demands)[end]
    late_s = woken_late_s(measurement) if end == LEAST else 0.0
    if queues_for_threads(measurement, bounds, criterion, late_s):
        return Diagnosis.EXECUTOR_SATURATED
    if _is_parallel(measurement, criterion, end):
        return None
    if bounds.limit in POOLS:
        return Diagnosis.EXECUTOR_SATURATED
    return Diagnosis.SERIALIZED if bounds.limit == UNKNOWN else None


def held_too_long(holds: Holds, criterion: Criterion, end: int) -> Diagnosis | None:
    """Apply the limits to what held the loop, at one end."""
    limit_s = criterion.loop_limit_s
    waiting_s, share, computing_s, gil_s = (figure[1 - end] for figure in holds)
    faults = []
    if share > criterion.waiting_share or waiting_s > limit_s:
        faults.append((waiting_s, Diagnosis.BLOCKING_IO))
    if computing_s > limit_s:
        faults.append((computing_s, Diagnosis.BLOCKING_CPU))
    if gil_s > limit_s:
        faults.append((gil_s, Diagnosis.GIL_HELD))
    return max(faults)[1] if faults else None


def _overlaps(m: Measurement, criterion: Criterion, end: int) -> bool:
    """Say whether a burst takes less than twice one request, at one end of the figures.

    In a closed loop requests never end together: there the efficiency itself has to be above one
    half, which is the same.
    """
    if m.closed_loop:
        return m.efficiency > criterion.efficiency
    bounds = both_ends(m, m.demands)[end]
    return bounds.wall_s < bounds.own_s / criterion.efficiency


def _too_short(m: Measurement, criterion: Criterion, end: int) -> bool:
    """Say whether a whole burst fits into the loop limit, so that nobody could wait longer."""
    return not m.closed_loop and both_ends(m, m.demands)[end].wall_s < criterion.loop_limit_s


def _is_parallel(m: Measurement, criterion: Criterion, end: int) -> bool:
    """Say whether the requests of a burst kept each other waiting for nothing that counts."""
    return _overlaps(m, criterion, end) or _too_short(m, criterion, end)


def limit_of(measurement: Measurement, criterion: Criterion) -> Diagnosis:
    """Give the diagnosis of an endpoint without a fault: what made others wait, or nothing did.

    A burst that takes no longer than one request, less what the machine may have added, is limited
    by nothing.
    """
    m = measurement
    by = both_ends(m, m.demands)[SEEN].by
    waiting_s = by.get(LOOP_WAITING, 0.0)
    harmful = harms(m, criterion) or waiting_s > criterion.loop_limit_s
    serial = not any(_is_parallel(m, criterion, end) for end in (SEEN, LEAST))
    if not (harmful or serial):
        return Diagnosis.CONCURRENT
    computing_s = on_cpu_s(by)
    if by.get(GENERATOR, 0.0) > max(computing_s, waiting_s) and not harmful:
        return Diagnosis.CONCURRENT
    return LIMITS[LOOP_WAITING if waiting_s > computing_s else cpu_limit(m)]


def doubt(measurement: Measurement, criterion: Criterion) -> str | None:
    """Say which figures are too near their limits for a verdict; None where both ends agree."""
    m = measurement
    seen, least = (fault_at(m, criterion, end) for end in (SEEN, LEAST))
    if (seen is None) == (least is None):
        if seen is None and unexplained_harm_s(m) > criterion.loop_limit_s:
            return (
                f"others waited up to {seconds(m.canary.longest_s)}, and nothing that was seen of "
                f"the loop explains it{frozen(m)}"
            )
        return None
    waiting, share, computing, gil = holds = holds_of(m)
    if held_too_long(holds, criterion, SEEN) == seen:
        return {
            Diagnosis.BLOCKING_IO: f"waits on the loop for {milliseconds(*waiting)} a request"
            # What is held after the answer is no part of its own time.
            + (f", {share.low:.0%} to {share.high:.0%} of its own time" * (share.high <= 1)),
            Diagnosis.BLOCKING_CPU: f"computes on the loop for {milliseconds(*computing)} at once",
            Diagnosis.GIL_HELD: f"keeps the GIL for {milliseconds(*gil)} at once",
        }[seen or Diagnosis.GIL_HELD]
    if seen is Diagnosis.EXECUTOR_SATURATED:
        return queued(m)
    most, few = both_ends(m, m.demands)
    return (
        f"{m.requests} requests took {milliseconds(most.wall_s, most.wall_s)}"
        f"{_shorter(m, most, few)}; one alone takes {milliseconds(most.own_s, few.own_s)}; "
        f"{milliseconds(few.unexplained_s, most.unexplained_s)} are unexplained"
    )


def _shorter(m: Measurement, most: Bounds, few: Bounds) -> str:
    """Say why a burst's wall may be shorter than it was seen; empty where nothing tells that."""
    if m.paced_wall_s is not None and few.wall_s == m.paced_wall_s < most.wall_s:
        paced = milliseconds(m.paced_wall_s, m.paced_wall_s)
        return f", and at the pace of most of their answers {paced}"
    added_s = most.wall_s - few.wall_s
    added = f", of which a busy machine may have added {milliseconds(added_s, added_s)}"
    return added if added_s else ""


def unsettled(measurement: Measurement, criterion: Criterion) -> bool:
    """Say whether another round may tell more: a verdict or a diagnosis without a fault in doubt.

    Whether requests kept each other waiting, or the machine did, is the same verdict; but a round
    with less noise tells it.
    """
    if doubt(measurement, criterion) is not None:
        return True
    if fault_at(measurement, criterion, LEAST) is not None:
        return False
    return len({_is_parallel(measurement, criterion, end) for end in (SEEN, LEAST)}) > 1


def check(measurement: Measurement, criterion: Criterion, fault: Diagnosis | None) -> Checks:
    """Give the three checks of a measurement with a probe whose fault is known."""
    queueing = fault in {Diagnosis.EXECUTOR_SATURATED, Diagnosis.SERIALIZED}
    explained = CheckState.NOT_APPLICABLE if fault is None else CheckState.FAIL
    overlaps = _overlaps(measurement, criterion, SEEN) and not queueing
    return Checks(
        document=check_document(measurement, criterion),
        concurrency=CheckState.PASS if overlaps else explained,
        loop=CheckState.FAIL if fault is not None and not queueing else CheckState.PASS,
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
