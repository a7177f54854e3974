"""One endpoint on its way through a scenario: its rounds so far, and what they come to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from neverblock.analysis.blame import blame, line_in
from neverblock.analysis.expectation import as_expected
from neverblock.analysis.hollow import covering
from neverblock.analysis.judge import erroring, failed_requests, judge, unsettled
from neverblock.analysis.measure import Solo, measure, with_collections_of, worst_executors
from neverblock.analysis.queue_advice import queue_advice
from neverblock.analysis.seldom import seldom_held
from neverblock.analysis.unanswered import Ending
from neverblock.result import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.analysis.measure import Round
    from neverblock.measurement import Measurement, Pool
    from neverblock.model import Scenario
    from neverblock.plan import Subject
    from neverblock.result import Criterion

MORE_ROUNDS = 4
"""How often a subject is measured again whose figures are too near a limit for a verdict ..."""

MORE_S = 30.0
"""... and for so long, in seconds of its own requests."""


@dataclass(slots=True)
class Trial:
    """Collects the rounds of one subject under one scenario, and makes its result.

    ``unsettled`` where another round may tell more: then both single requests and another
    round are wanted. ``failure`` says why no further round is possible; ``ending`` does so too,
    with what is concluded of that.
    """

    subject: Subject
    scenario: Scenario
    solo: Solo
    criterion: Criterion
    cpus: float
    canary_interval_s: float
    rounds: list[Round] = field(default_factory=list)
    failure: str | None = None
    ending: Ending | None = None
    unsettled: bool = False
    more_rounds: int = 0
    more_s: float = 0.0

    @property
    def done(self) -> bool:
        """Whether the rounds are clear, the budget is spent, or none is possible."""
        if self.failure is not None or self.ending is not None:
            return True
        spent = self.more_rounds >= MORE_ROUNDS or self.more_s >= MORE_S
        return bool(self.rounds) and (spent or not self.unsettled)

    def take(self, round_: Round) -> None:
        """Add a round, and see whether it settles the verdict."""
        if self.unsettled:
            self.more_rounds += 1
            self.more_s += round_.burst.wall_s
        self.rounds.append(round_)
        measurement = self._figures()
        watched = measurement.loop is not None and measurement.loop.armed
        failed = failed_requests(measurement, self.criterion)
        self.unsettled = watched and not failed and unsettled(measurement, self.criterion)

    def take_solo(self, more: Solo) -> None:
        """Add single requests to those that there are."""
        self.more_s += sum(more.samples_s)
        self.solo = joined(self.solo, more)

    def _figures(self) -> Measurement:
        return measure(
            self.solo,
            self.rounds,
            self.criterion,
            scenario=self.scenario,
            canary_interval_s=self.canary_interval_s,
            cpus=self.cpus,
        )

    def result(self) -> Result:
        """Measure and judge what there is."""
        if self.ending is not None:
            return ended_result(self.subject, self.scenario, self.ending)
        if not self.rounds:
            return failed_result(self.subject, self.scenario, self.failure or "no round was fired")
        measurement = self._figures()
        judgement = judge(measurement, self.criterion)
        if self.more_rounds:
            times = "once" if self.more_rounds == 1 else f"{self.more_rounds} times"
            again = f"measured again {times}, as it was near a limit"
            judgement = replace(judgement, notes=(*judgement.notes, again))
        kept = min(self.rounds, key=lambda r: r.burst.wall_s)
        traces = [trace for trace in (self.solo.trace, kept.trace) if trace is not None]
        result = Result(
            endpoint=self.subject.endpoint,
            scenario=self.scenario,
            measurement=measurement,
            judgement=judgement,
            expected=self.subject.expected,
            as_expected=as_expected(self.subject, judgement, closed_loop=measurement.closed_loop),
            blame=blame(
                with_collections_of(self.solo, [s for trace in traces for s in trace.stalls]),
                judgement.diagnosis,
                requests=len(self.solo.records) + measurement.requests,
                endpoint=line_in(traces[0].endpoint, kept.trace.waits) if kept.trace else None,
            ),
            records=kept.burst.records,
            criterion=self.criterion,
            advice=queue_advice(measurement, judgement.diagnosis),
            seldom=seldom_held(self.solo, self.criterion),
        )
        return covering(result, self.subject, self.solo.records)


def joined(first: Solo, more: Solo) -> Solo:
    """Give two series of solo requests as one; what happened between them belongs to neither."""
    records = [*first.records, *more.records]
    ended_s = first.records[-1].done_s
    pings = [
        p if p.done_s is not None else replace(p, done_s=ended_s, ok=False) for p in first.pings
    ]
    trace = None
    if first.trace is not None and more.trace is not None:
        traces = (first.trace, more.trace)
        trace = replace(
            more.trace,
            from_s=first.trace.from_s,
            armed=all(t.armed for t in traces),
            stalls=(*first.trace.stalls, *more.trace.stalls),
            executors=worst_executors(more.trace.executors, first.trace.executors),
            gc_s=sum(t.gc_s for t in traces),
            loop_cpu_s=sum(t.loop_cpu_s for t in traces),
            process_cpu_s=sum(t.process_cpu_s for t in traces),
            busy_s=sum(t.busy_s for t in traces),
            starved_s=sum(t.starved_s for t in traces),
            pools=joined_pools(*(t.pools for t in traces)),
            complaint=first.trace.complaint or more.trace.complaint,
        )
    return Solo(
        tuple(replace(record, seq=seq) for seq, record in enumerate(records)),
        (*pings, *more.pings),
        trace,
        first.warm_up_s,
        first.first,
    )


def joined_pools(first: Sequence[Pool], more: Sequence[Pool]) -> tuple[Pool, ...]:
    """Give what two windows saw of each pool, as one."""
    pools = {pool.name: pool for pool in first}
    for pool in more:
        before = pools.get(pool.name, pool)
        pools[pool.name] = (
            pool
            if before is pool
            else replace(
                pool,
                held_s=before.held_s + pool.held_s,
                queued_s=before.queued_s + pool.queued_s,
                waiting=max(before.waiting, pool.waiting),
            )
        )
    return tuple(pools.values())


def failed_result(subject: Subject, scenario: Scenario, why: str) -> Result:
    """Give the result of a subject that could not be measured."""
    return ended_result(subject, scenario, Ending(erroring(why)))


def ended_result(subject: Subject, scenario: Scenario, ending: Ending) -> Result:
    """Give the result of a subject that could not be measured to the end, with what it blames."""
    judgement, expected = ending.judgement, subject.expected
    agrees = None
    if expected is not None:
        agrees = (judgement.verdict, judgement.diagnosis) == (expected.verdict, expected.diagnosis)
    return Result(subject.endpoint, scenario, None, judgement, expected, agrees, blame=ending.blame)
