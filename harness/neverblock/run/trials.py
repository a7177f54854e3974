"""Measure the subjects of one server: single requests, then bursts, the null app's in between."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.analysis.expectation import hold_answers
from neverblock.analysis.measure import Round
from neverblock.analysis.queue_advice import queue_advice
from neverblock.analysis.reason import reason
from neverblock.analysis.trial import Trial, ended_result, failed_result
from neverblock.errors import EngineError, NeverblockError, TargetError
from neverblock.model import Diagnosis, Request
from neverblock.observe.window import quiet_after
from neverblock.result import Unchecked
from neverblock.run.recovery import ending_of, needs_restart
from neverblock.run.solo import Alone, Unmeasurable
from neverblock.storage.fixes import fix_of_queue, located_with_fix
from neverblock.storage.source_lines import located, relative

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Iterator

    from neverblock.analysis.measure import Solo
    from neverblock.model import Burst, Scenario
    from neverblock.observe.window import Observer, Window
    from neverblock.plan import Plan, Subject
    from neverblock.result import Result
    from neverblock.run.rig import Rig


class Trials:
    """Measures the subjects of one server; results come as soon as each exists."""

    def __init__(
        self,
        plan: Plan,
        observer: Observer,
        rig: Rig,
        on_phase: Callable[[str], None],
        cpus: float,
        turn: asyncio.Lock | None = None,
        hide: Callable[[str], str] = str,
    ) -> None:
        """Take the plan, the watched server, and what it is measured with.

        Trials that share a ``turn`` fire in turns, one series of requests or one round each.
        ``hide`` takes the secrets out of a text.
        """
        self._plan = plan
        self._observer = observer
        self._null = rig.null
        self._engines = rig.engines
        self._floors = rig.floors
        self._on_phase = on_phase
        self._cpus = cpus
        self._turn = turn or nullcontext()
        self._alone = Alone(plan, observer, rig.engines["gather"], on_phase, self._turn, hide)

    async def results(self, subjects: tuple[Subject, ...]) -> AsyncIterator[Result | Unchecked]:
        """Measure and judge every subject under every scenario of the plan.

        A subject that cannot be measured gives a result for each scenario that says so; one that
        nobody named and that refuses made-up values is left unchecked. A server that ended, or
        answers nobody any more, is started again. Raises TargetError where that fails, after the
        results of those measured before.
        """
        solos: list[tuple[Subject, Solo]] = []
        for subject in subjects:
            try:
                solos.append((subject, await self._alone.solo(subject)))
            except Unmeasurable as stopped:
                for outcome in self._instead(subject, stopped):
                    yield outcome
                await self._bring_back()
            except NeverblockError as error:
                why = f"{error.what}\n{error.hint}"
                for scenario in self._plan.scenarios:
                    yield failed_result(subject, scenario, why)
                await self._bring_back()
        for scenario in self._plan.scenarios:
            trials = [self._trial(subject, scenario, solo) for subject, solo in solos]
            death = await self._rounds(trials)
            for result in hold_answers([trial.result() for trial in trials]):
                yield self._located(result)
            if death is not None:
                raise death

    def _trial(self, subject: Subject, scenario: Scenario, solo: Solo) -> Trial:
        return Trial(
            subject,
            self._plan.scenario_of(scenario, subject),
            solo,
            self._plan.criterion_of(subject),
            self._cpus,
            self._observer.canary_interval_s,
        )

    def _instead(self, subject: Subject, stopped: Unmeasurable) -> Iterator[Result | Unchecked]:
        """Yield what is said of a subject that is not measured."""
        if stopped.left_out:
            endpoint = subject.endpoint
            yield Unchecked(endpoint.method, endpoint.path, stopped.ending.judgement.reason)
            return
        for scenario in self._plan.scenarios:
            yield self._located(ended_result(subject, scenario, stopped.ending))

    async def _bring_back(self) -> None:
        """Start the server again where it is needed. Raises TargetError where it does not start."""
        if await needs_restart(self._observer):
            self._on_phase("starting the server again")
            await self._observer.server.restart()

    async def _rounds(self, trials: list[Trial]) -> TargetError | None:
        """Fire rounds in turn until every trial is done; give why no more can be fired, if so."""
        while pending := [trial for trial in trials if not trial.done]:
            for trial in pending:
                try:
                    async with self._turn:
                        await self._round(trial)
                except Unmeasurable as stopped:
                    trial.ending = stopped.ending
                except (EngineError, TargetError) as error:
                    trial.failure = f"{error.what} {error.hint}"
                if trial.ending is None and trial.failure is None:
                    continue
                try:
                    await self._bring_back()
                except TargetError as death:
                    for other in trials:
                        if not (other.rounds or other.ending):
                            other.failure = f"{death.what} {death.hint}"
                    return death
        return None

    def _located(self, result: Result) -> Result:
        app_dir = self._plan.target.app_dir
        diagnosis = result.judgement.diagnosis
        places = tuple(located_with_fix(place, diagnosis, app_dir) for place in result.blame)
        seldom = result.seldom
        if seldom is not None:
            seldom = replace(seldom, place=located(seldom.place, app_dir))
        result = replace(result, blame=places, seldom=seldom)
        if (m := result.measurement) is None or m.loop is None:
            return result
        longest = max(m.loop.waits, key=lambda each: each[1], default=(None, 0))[0]
        waits = tuple((replace(f, file=relative(f.file, app_dir)), n) for f, n in m.loop.waits)
        m = replace(m, loop=replace(m.loop, waits=waits))
        if diagnosis is Diagnosis.SERIALIZED and result.criterion is not None:
            said = reason(m, diagnosis, result.criterion)  # its place is relative now, too
            result = replace(result, judgement=replace(result.judgement, reason=said))
        advice = queue_advice(m, diagnosis)
        if advice is not None:
            advice = fix_of_queue(advice, longest, app_dir)
        return replace(result, measurement=m, advice=advice)

    async def _round(self, trial: Trial) -> None:
        """Burst at the null app, then at the subject; what was near its limit is asked alone again.

        Raises NeverblockError, and Unmeasurable where requests got no answer for a reason of the
        endpoint's own.
        """
        scenario = trial.scenario
        if trial.unsettled:
            trial.take_solo(await self._alone.more(trial.subject, trial.solo.warm_up_s))
        self._on_phase(f"{trial.subject.endpoint.name}: {scenario.name}")
        timeout_s = self._plan.deadline_s + 2 * scenario.n * trial.solo.own_s
        floor_s = floor_cpu_s = 0.0
        if scenario.duration_s is None:
            floor = await self._engines[scenario.engine].fire(
                self._null.base_url,
                Request("GET", "/"),
                scenario,
                timeout_s=timeout_s,
                canary_path=self._observer.canary_path,
            )
            floor_s = self._floors.take(scenario.engine, scenario.n, floor.wall_s)
            floor_cpu_s = floor.client.cpu_s
        printed = self._observer.server.log_size()
        window = self._observer.window(quiet_after(trial.solo.trace))
        fired = await self._fire(trial.subject.request, scenario, timeout_s, window)
        burst = self._alone.hidden(fired)
        who = trial.subject.endpoint.name
        ending = await ending_of(self._observer, burst.records, trial.criterion, who, printed)
        if ending is not None:
            raise Unmeasurable(ending)
        seen = window.observed
        trial.take(
            Round(
                burst,
                seen.pings,
                floor_s,
                seen.server_cpu_s,
                seen.machine,
                seen.trace,
                floor_cpu_s,
            )
        )

    async def _fire(
        self, request: Request, scenario: Scenario, timeout_s: float, watched: Window
    ) -> Burst:
        return await self._engines[scenario.engine].fire(
            self._observer.server.base_url,
            request,
            scenario,
            timeout_s=timeout_s,
            canary_path=self._observer.canary_path,
            watched=watched,
        )
