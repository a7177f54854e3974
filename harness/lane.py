"""Measure the subjects of one lane on one server, good, bad and null in turn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

from harness.blame import blame
from harness.errors import NeverblockError, TargetError
from harness.expect import as_expected, hold_answers
from harness.judge import erroring, inconclusive, judge
from harness.measure import Round, Solo, measure
from harness.model import Request, Scenario, Verdict
from harness.result import Result
from harness.source import located
from harness.validity import only_wall_speaks, spoiled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from harness.engines import Engine
    from harness.model import Burst, Record
    from harness.observe import Observer
    from harness.plan import Plan, Subject
    from harness.result import Measurement
    from harness.server import Server

SOLO = Scenario(name="solo", title="One request", engine="gather", n=1)
SHORT_S = 0.1
"""Endpoints below this are measured in several rounds, of which the smallest wall counts."""
ROUNDS = 3
SOLO_REQUESTS = 3
SHORT_SOLO_REQUESTS = 7
WARM_UPS = 2
DISCARDS = 3
"""So many spoiled rounds are thrown away before the result is inconclusive."""


@dataclass(slots=True)
class Course:
    """A subject on its way through the scenarios: its solo requests and its rounds so far."""

    subject: Subject
    solo: Solo
    wanted: int = 1
    rounds: list[Round] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)

    def restart(self, scenario: Scenario) -> None:
        """Forget the rounds of the scenario before, and see how many this one takes."""
        short = self.solo_s < SHORT_S and scenario.duration_s is None
        self.wanted = ROUNDS if short else 1
        self.rounds.clear()
        self.discarded.clear()

    @property
    def solo_s(self) -> float:
        """The endpoint's own time."""
        return median(r.done_s - r.sent_s for r in self.solo.records)

    @property
    def done(self) -> bool:
        """Whether enough rounds counted, or too many were spoiled."""
        return len(self.rounds) >= self.wanted or len(self.discarded) >= DISCARDS


class LaneRun:
    """Measures the subjects of one lane; results come as soon as each exists."""

    def __init__(
        self,
        plan: Plan,
        observer: Observer,
        null: Server,
        engines: Mapping[str, Engine],
        on_phase: Callable[[str], None],
        cpus: int,
    ) -> None:
        """Take the plan, the lane's watched server, the null server, and who fires."""
        self._plan = plan
        self._criterion = plan.criterion
        self._observer = observer
        self._null = null
        self._engines = engines
        self._on_phase = on_phase
        self._cpus = cpus

    async def results(self, subjects: tuple[Subject, ...]) -> AsyncIterator[Result]:
        """Measure and judge every subject under every scenario of the plan.

        A subject that cannot be measured gives an error result for each scenario. Raises
        TargetError where the server died, after which nothing more can be measured on it.
        """
        courses = []
        for subject in subjects:
            try:
                courses.append(Course(subject, await self._solo(subject)))
            except NeverblockError as error:
                for scenario in self._plan.scenarios:
                    yield failed_result(subject, scenario, f"{error.what} {error.hint}")
                self._check_alive()
        for scenario in self._plan.scenarios:
            for course in courses:
                course.restart(scenario)
            while pending := [c for c in courses if not c.done]:
                for course in pending:
                    await self._round(course, scenario)
                    self._check_alive()
            for result in hold_answers([self._result(c, scenario) for c in courses]):
                yield result

    def _check_alive(self) -> None:
        if not self._observer.server.alive:
            raise self._observer.server.death()

    async def _solo(self, subject: Subject) -> Solo:
        """Warm the endpoint up, then ask one at a time; raises NeverblockError if it fails."""
        name = subject.endpoint.name
        self._on_phase(f"{name}: warming up")
        warm_up = await self._fire(subject.request, SOLO, self._plan.deadline_s)
        self._refuse(warm_up.records[0])
        took_s = warm_up.wall_s
        short = took_s < SHORT_S
        if short:
            for _ in range(WARM_UPS):
                await self._fire(subject.request, SOLO, self._plan.deadline_s)
        records: list[Record] = []
        self._on_phase(f"{name}: one at a time")
        async with self._observer.window() as window:
            for seq in range(SHORT_SOLO_REQUESTS if short else SOLO_REQUESTS):
                burst = await self._fire(subject.request, SOLO, self._plan.deadline_s)
                self._refuse(burst.records[0])
                records.append(replace(burst.records[0], seq=seq))
        seen = window.observed
        return Solo(tuple(records), seen.pings, seen.trace, warm_up_s=took_s)

    def _refuse(self, record: Record) -> None:
        """Raise where a single request did not succeed: there is nothing to burst then."""
        if record.ok:
            return
        self._check_alive()
        what = record.error or f"status {record.status}"
        raise TargetError(
            f"A single request failed: {what}.",
            "Ask the endpoint by hand; its deadline is set by --deadline.",
        )

    async def _round(self, course: Course, scenario: Scenario) -> None:
        """Burst at the null app, then at the subject; keep the round or say why not."""
        self._on_phase(f"{course.subject.endpoint.name}: {scenario.name}")
        timeout_s = self._plan.deadline_s + 2 * scenario.n * course.solo_s
        floor_s = 0.0
        if scenario.duration_s is None:
            floor = await self._engines[scenario.engine].fire(
                self._null.base_url,
                Request("GET", "/"),
                scenario,
                timeout_s=timeout_s,
                canary_path=self._observer.canary_path,
            )
            floor_s = floor.wall_s
        async with self._observer.window() as window:
            burst = await self._fire(course.subject.request, scenario, timeout_s)
        seen = window.observed
        found = Round(burst, seen.pings, floor_s, seen.server_cpu_s, seen.machine, seen.trace)
        why = spoiled(found)
        if why and only_wall_speaks(judge(self._figures(course, scenario, found), self._criterion)):
            course.discarded.append(why)
        else:
            course.rounds.append(found)

    async def _fire(self, request: Request, scenario: Scenario, timeout_s: float) -> Burst:
        return await self._engines[scenario.engine].fire(
            self._observer.server.base_url,
            request,
            scenario,
            timeout_s=timeout_s,
            canary_path=self._observer.canary_path,
        )

    def _figures(self, course: Course, scenario: Scenario, *rounds: Round) -> Measurement:
        return measure(
            course.solo,
            rounds,
            self._criterion,
            scenario=scenario,
            canary_interval_s=self._observer.canary_interval_s,
            cpus=self._cpus,
            discarded=course.discarded,
        )

    def _result(self, course: Course, scenario: Scenario) -> Result:
        subject = course.subject
        if not course.rounds:
            judgement = inconclusive(f"Every round was spoiled: {course.discarded[-1]}.")
            return Result(
                subject.endpoint, scenario, None, judgement, subject.expected, as_expected=False
            )
        measurement = self._figures(course, scenario, *course.rounds)
        judgement = judge(measurement, self._criterion)
        kept = min(course.rounds, key=lambda r: r.burst.wall_s)
        traces = [trace for trace in (course.solo.trace, kept.trace) if trace is not None]
        stalls = [stall for trace in traces for stall in trace.stalls]
        endpoint = traces[0].endpoint if traces else None
        return Result(
            endpoint=subject.endpoint,
            scenario=scenario,
            measurement=measurement,
            judgement=judgement,
            expected=subject.expected,
            as_expected=None if measurement.closed_loop else as_expected(subject, judgement),
            blame=tuple(
                located(found, self._plan.target.app_dir)
                for found in blame(stalls, judgement.diagnosis, endpoint)
            ),
            records=kept.burst.records,
        )


def failed_result(subject: Subject, scenario: Scenario, why: str) -> Result:
    """Give the result of a subject that could not be measured."""
    judgement = erroring(why)
    expected = subject.expected
    agrees = None if expected is None else expected.verdict is Verdict.ERROR
    return Result(subject.endpoint, scenario, None, judgement, expected, as_expected=agrees)
