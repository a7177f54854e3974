"""One endpoint on its way through a scenario: its rounds so far, and what they come to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.blame import blame
from harness.expect import as_expected
from harness.judge import erroring, inconclusive, judge
from harness.measure import measure
from harness.model import Verdict
from harness.result import Result
from harness.validity import only_wall_speaks, spoiled

if TYPE_CHECKING:
    from harness.measure import Round, Solo
    from harness.model import Scenario
    from harness.plan import Subject
    from harness.result import Criterion, Measurement

SHORT_S = 0.1
"""Endpoints below this are measured in several rounds, of which the smallest wall counts."""

ROUNDS = 3

DISCARDS = 3
"""So many spoiled rounds are thrown away before the result is inconclusive."""


@dataclass(slots=True)
class Course:
    """Collects the rounds of one subject under one scenario, and makes its result.

    ``failure`` says why no round can be had any more.
    """

    subject: Subject
    scenario: Scenario
    solo: Solo
    criterion: Criterion
    cpus: int
    canary_interval_s: float
    rounds: list[Round] = field(default_factory=list)
    thrown_away: list[Round] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    failure: str | None = None

    @property
    def done(self) -> bool:
        """Whether enough rounds counted, too many were spoiled, or none can be had."""
        short = self.solo.own_s < SHORT_S and self.scenario.duration_s is None
        enough = len(self.rounds) >= (ROUNDS if short else 1)
        return enough or len(self.discarded) >= DISCARDS or self.failure is not None

    def take(self, found: Round) -> None:
        """Keep a round, or throw it away and remember why."""
        why = spoiled(found)
        if why and only_wall_speaks(judge(self._figures(found), self.criterion)):
            self.discarded.append(why)
            self.thrown_away.append(found)
        else:
            self.rounds.append(found)

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
        if self.rounds:
            judgement = judge(measurement, self.criterion)
        else:
            judgement = inconclusive(f"Every round was spoiled: {self.discarded[-1]}.")
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


def failed_result(subject: Subject, scenario: Scenario, why: str) -> Result:
    """Give the result of a subject that could not be measured."""
    expected = subject.expected
    agrees = None if expected is None else expected.verdict is Verdict.ERROR
    return Result(subject.endpoint, scenario, None, erroring(why), expected, as_expected=agrees)
