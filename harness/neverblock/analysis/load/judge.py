"""The verdict on a load, in one sentence and its notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.analysis.codes import find_code
from neverblock.model import Diagnosis, Verdict
from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.analysis.load.figures import Tally
    from neverblock.result import Criterion, Generator, LoadFinding

WAITS = find_code(Diagnosis.BLOCKING_IO).code

BUSY = 0.9
"""Of one core: from here on Locust itself warns that its figures are its own limit."""


@dataclass(frozen=True, slots=True)
class LoadJudgement:
    """The opinion on one load."""

    verdict: Verdict
    reason: str
    notes: tuple[str, ...] = ()


def judge_load(
    counted: Tally,
    found: Sequence[LoadFinding],
    generator: Generator,
    criterion: Criterion,
    *,
    workers: int,
    probed: bool,
    doubt: str | None,
) -> LoadJudgement:
    """Judge a load by what held the loop; ``doubt`` says why it or the probe cannot be trusted.

    ``workers`` generators made it.

    A hold beyond the limit was seen inside the server, so it fails the load whatever the generator
    did; nothing else counts where the generator was the limit. Waits below the limit fail it where
    others lost more to them than the share of its time for which an endpoint may wait on the loop:
    what is below the limit and in ``found`` is of that kind. Computing in short slices passes, as
    in a check.
    """
    notes = tuple(_notes(counted, generator))
    if not counted.requests:
        return LoadJudgement(Verdict.ERROR, "No user made a single request.", notes)
    if counted.failures == counted.requests:
        why = f"All {counted.requests} requests failed: {counted.usual_error}."
        return LoadJudgement(Verdict.ERROR, why, notes)
    if doubt is not None:
        return LoadJudgement(Verdict.INCONCLUSIVE, doubt, notes)
    failing = [each for each in found if fails(each, criterion)]
    over = [each for each in failing if each.longest_s > criterion.loop_limit_s]
    if failing:
        return LoadJudgement(Verdict.FAIL, _held(over) if over else _waited(failing), notes)
    if generator.cpu_share > BUSY:
        why = (
            f"The load generator was the limit: it computed for {generator.cpu_share:.0%} of the "
            f"time, so that {rate(counted.requests / counted.duration_s)} requests a second are "
            # each of twice as many has half of the users, and computes for less than half the time
            f"its own figure and not the server's. --workers {workers * 2} would do, where there "
            "are cores for them."
        )
        return LoadJudgement(Verdict.INCONCLUSIVE, why, notes)
    if not probed:
        made = f"{counted.requests} requests, {counted.failures} of them failed"
        why = f"{made}; what held the loop meanwhile is not known from outside, without the probe."
        return LoadJudgement(Verdict.PASS, why, notes)
    return LoadJudgement(Verdict.PASS, _passed(found, criterion), notes)


def fails(found: LoadFinding, criterion: Criterion) -> bool:
    """Say whether a finding fails its load: it held the loop for too long at once, or waits."""
    return found.longest_s > criterion.loop_limit_s or found.code == WAITS


def _held(over: Sequence[LoadFinding]) -> str:
    lines = f"{len(over)} lines hold" if len(over) > 1 else "One line holds"
    return f"{lines} the event loop for longer than the limit: {_worst(over)}."


def _waited(waits: Sequence[LoadFinding]) -> str:
    lines = f"{len(waits)} lines wait" if len(waits) > 1 else "One line waits"
    return f"{lines} on the event loop, each time within the limit: {_worst(waits)}."


def _worst(found: Sequence[LoadFinding]) -> str:
    worst = max(found, key=lambda each: (each.others_lost_s, each.held_s))
    return f"the worst, {worst.file}:{worst.line}, {_harm_of(worst)}"


def _harm_of(found: LoadFinding) -> str:
    held = f"held it {found.holds} times for {seconds(found.held_s)} in all"
    if not found.others_requests:
        return f"{held}, and no request to another endpoint met it"
    return (
        f"{held}, by which {found.others_requests} other requests lost "
        f"{seconds(found.others_lost_s)}"
    )


def _passed(found: Sequence[LoadFinding], criterion: Criterion) -> str:
    limit = seconds(criterion.loop_limit_s)
    if not found:
        return f"No application code held the event loop for longer than {limit}."
    worst = max(found, key=lambda each: each.others_lost_s)
    return (
        f"No application code held the event loop for longer than {limit} at a time, but "
        f"{worst.file}:{worst.line} {_harm_of(worst)}."
    )


def _notes(counted: Tally, generator: Generator) -> list[str]:
    notes = []
    if counted.failures:
        failed = f"{counted.failures} of {counted.requests} requests failed"
        notes.append(f"{failed}, most of them: {counted.usual_error}.")
    if generator.cpu_share > BUSY:
        notes.append(
            f"The load generator computed for {generator.cpu_share:.0%} of the time: rates and "
            "latencies are its own limit."
        )
    return notes
