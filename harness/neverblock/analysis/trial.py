"""One endpoint on its way through a scenario: its rounds so far, and what they come to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from neverblock.analysis.blame import blame
from neverblock.analysis.counterfactual import unstarved
from neverblock.analysis.diagnose import hardly_ran
from neverblock.analysis.expectation import as_expected
from neverblock.analysis.judge import erroring, inconclusive, judge
from neverblock.analysis.measure import Solo, measure, worst_executors
from neverblock.analysis.uncertainty import near
from neverblock.analysis.validity import only_wall_speaks, spoiled
from neverblock.model import Diagnosis, Verdict
from neverblock.result import Result

if TYPE_CHECKING:
    from neverblock.analysis.measure import Round
    from neverblock.model import Scenario
    from neverblock.plan import Subject
    from neverblock.result import Criterion, Judgement, Measurement

SHORT_S = 0.1
"""Endpoints below this are measured in several rounds, of which the smallest wall counts."""

ROUNDS = 3

DISCARDS = 3
"""So many spoiled rounds are thrown away before the result is inconclusive."""

MORE_ROUNDS = 4
"""So often is a subject measured again whose figures are too near a limit to be told ..."""

MORE_S = 30.0
"""... and for so long, in seconds of its own requests."""


@dataclass(slots=True)
class Trial:
    """Collects the rounds of one subject under one scenario, and makes its result.

    ``near`` says what is too near its limit to be told, once enough rounds are there: then both
    single requests and another round are wanted. ``failure`` says why no round can be had any more.
    """

    subject: Subject
    scenario: Scenario
    solo: Solo
    criterion: Criterion
    cpus: float
    canary_interval_s: float
    short_rounds: int = ROUNDS
    rounds: list[Round] = field(default_factory=list)
    thrown_away: list[Round] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    failure: str | None = None
    near: str | None = None
    more_rounds: int = 0
    more_s: float = 0.0

    @property
    def done(self) -> bool:
        """Whether the rounds are clear, the budget is spent, or no more can be had."""
        if len(self.discarded) >= DISCARDS or self.failure is not None:
            return True
        spent = self.more_rounds >= MORE_ROUNDS or self.more_s >= MORE_S
        return self._enough and (self.near is None or spent)

    @property
    def _enough(self) -> bool:
        short = self.solo.own_s < SHORT_S and self.scenario.duration_s is None
        return len(self.rounds) >= (self.short_rounds if short else 1)

    def take(self, found: Round) -> None:
        """Keep a round, or throw it away and remember why."""
        if self.near is not None:
            self.more_rounds += 1
            self.more_s += found.burst.wall_s
        if why := self._spoiled(found):
            self.discarded.append(why)
            self.thrown_away.append(found)
        else:
            self.rounds.append(found)
        if self._enough:
            measurement = self._figures(*self.rounds)
            self.near = near(
                self.solo,
                self.rounds,
                measurement,
                judge(measurement, self.criterion),
                self.criterion,
                spoiled_s=[spoiled.burst.wall_s for spoiled in self.thrown_away],
            )

    def take_solo(self, more: Solo) -> None:
        """Add single requests to those that there are."""
        self.more_s += sum(more.samples_s)
        self.solo = joined(self.solo, more)

    def _spoiled(self, found: Round) -> str | None:
        measurement = self._figures(found)
        judgement = judge(measurement, self.criterion)
        if only_wall_speaks(judgement):
            return spoiled(found, stands=self._stands(judgement, unstarved(measurement)))
        if judgement.diagnosis is Diagnosis.COOPERATIVE_CPU and hardly_ran(measurement):
            return spoiled(found)
        return None

    def _stands(self, judgement: Judgement, at_best: Measurement | None) -> bool:
        """Say whether a wall would be too long as well with a core for whoever wanted one."""
        if at_best is None:
            return False
        without = judge(at_best, self.criterion)
        return without.diagnosis is judgement.diagnosis and only_wall_speaks(without)

    def _figures(self, *rounds: Round) -> Measurement:
        return measure(
            self.solo,
            rounds,
            self.criterion,
            scenario=self.scenario,
            canary_interval_s=self.canary_interval_s,
            cpus=self.cpus,
            discarded=self.discarded,
        )

    def result(self) -> Result:
        """Measure and judge what there is; a spoiled round keeps its figures, without a verdict."""
        if not (self.rounds or self.thrown_away):
            return failed_result(self.subject, self.scenario, self.failure or "no round was fired")
        rounds = self.rounds or self.thrown_away
        measurement = self._figures(*rounds)
        judgement = self._judgement(measurement)
        kept = min(rounds, key=lambda r: r.burst.wall_s)
        traces = [trace for trace in (self.solo.trace, kept.trace) if trace is not None]
        return Result(
            endpoint=self.subject.endpoint,
            scenario=self.scenario,
            measurement=measurement,
            judgement=judgement,
            expected=self.subject.expected,
            as_expected=as_expected(self.subject, judgement, closed_loop=measurement.closed_loop),
            blame=blame(
                [stall for trace in traces for stall in trace.stalls],
                judgement.diagnosis,
                requests=len(self.solo.records) + measurement.requests,
                endpoint=traces[0].endpoint if traces else None,
            ),
            records=kept.burst.records,
            criterion=self.criterion,
        )

    def _judgement(self, measurement: Measurement) -> Judgement:
        if not self.rounds:
            return inconclusive(f"Every round was spoiled: {self.discarded[-1]}.")
        again = f"measured again {self.more_rounds} times"
        if self.near:
            return inconclusive(f"Too near a limit to tell, {again}: {self.near}.")
        judgement = judge(measurement, self.criterion)
        if not self.more_rounds:
            return judgement
        note = f"{again}, as it was near a limit"
        return replace(judgement, notes=(*judgement.notes, note))


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
            complaint=first.trace.complaint or more.trace.complaint,
        )
    return Solo(
        tuple(replace(record, seq=seq) for seq, record in enumerate(records)),
        (*pings, *more.pings),
        trace,
        first.warm_up_s,
    )


def failed_result(subject: Subject, scenario: Scenario, why: str) -> Result:
    """Give the result of a subject that could not be measured."""
    expected = subject.expected
    agrees = None if expected is None else expected.verdict is Verdict.ERROR
    return Result(subject.endpoint, scenario, None, erroring(why), expected, as_expected=agrees)
