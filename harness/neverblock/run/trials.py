"""Measure the subjects of one server: single requests, then bursts, the null app's in between."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.analysis.expectation import hold_answers
from neverblock.analysis.measure import Round, Solo
from neverblock.analysis.queue_advice import queue_advice
from neverblock.analysis.trial import Trial, failed_result
from neverblock.endpoints.probe_request import send_probe_request
from neverblock.endpoints.refusal import asked_wrongly, refused, why_refused
from neverblock.endpoints.refusal_in_test import LONGER, why_refused_in_test
from neverblock.errors import EngineError, NeverblockError, RefusedError, TargetError
from neverblock.model import Request, Scenario
from neverblock.observe.window import quiet_after
from neverblock.result import Unchecked
from neverblock.storage.fixes import fix_of, fix_of_queue
from neverblock.storage.source_lines import located, relative

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable

    from neverblock.model import Burst, Record
    from neverblock.observe.window import Observer
    from neverblock.plan import Plan, Subject
    from neverblock.result import Blame, Result
    from neverblock.run.rig import Rig

SOLO = Scenario(name="solo", title="One request", engine="gather", n=1)
SOLO_REQUESTS = 3
"""The fewest whose least and most hold their median but for a chance of one in eight."""

SHORT_S = 0.1
WARM_UPS = 2
WARM = 0.8
"""A short endpoint is warm when a request takes no less than this share of the one before."""


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
    ) -> None:
        """Take the plan, the watched server, and what it is measured with.

        Trials that share a ``turn`` fire in turns, one series of requests or one round each.
        """
        self._plan = plan
        self._observer = observer
        self._null = rig.null
        self._engines = rig.engines
        self._floors = rig.floors
        self._on_phase = on_phase
        self._cpus = cpus
        self._turn = turn or nullcontext()

    async def results(self, subjects: tuple[Subject, ...]) -> AsyncIterator[Result | Unchecked]:
        """Measure and judge every subject under every scenario of the plan.

        A subject that cannot be measured gives an error result for each scenario; one that nobody
        named and that refuses the request is left unchecked. Raises
        TargetError where the server died, after the results that were had before.
        """
        solos: list[tuple[Subject, Solo]] = []
        for subject in subjects:
            try:
                solos.append((subject, await self._solo(subject)))
            except RefusedError as error:
                if subject.named:
                    for scenario in self._plan.scenarios:
                        yield failed_result(subject, scenario, error.what)
                else:
                    yield Unchecked(subject.endpoint.method, subject.endpoint.path, error.what)
            except NeverblockError as error:
                for scenario in self._plan.scenarios:
                    yield failed_result(subject, scenario, f"{error.what}\n{error.hint}")
                self._check_alive()
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

    async def _rounds(self, trials: list[Trial]) -> TargetError | None:
        """Fire rounds in turn until every trial is done; give the server's death, if it died."""
        while pending := [trial for trial in trials if not trial.done]:
            for trial in pending:
                try:
                    async with self._turn:
                        await self._round(trial)
                except (EngineError, TargetError) as error:
                    trial.failure = f"{error.what} {error.hint}"
                if not self._observer.server.alive:
                    death = self._observer.server.death()
                    for other in trials:
                        if not other.rounds:
                            other.failure = f"{death.what} {death.hint}"
                    return death
        return None

    def _located(self, result: Result) -> Result:
        app_dir = self._plan.target.app_dir
        places = tuple(self._with_fix(place, result) for place in result.blame)
        seldom = result.seldom
        if seldom is not None:
            seldom = replace(seldom, place=located(seldom.place, app_dir))
        result = replace(result, blame=places, seldom=seldom)
        if (m := result.measurement) is None or m.loop is None:
            return result
        longest = max(m.loop.waits, key=lambda each: each[1], default=(None, 0))[0]
        waits = tuple((replace(f, file=relative(f.file, app_dir)), n) for f, n in m.loop.waits)
        m = replace(m, loop=replace(m.loop, waits=waits))
        advice = queue_advice(m, result.judgement.diagnosis)
        if advice is not None:
            advice = fix_of_queue(advice, longest, app_dir)
        return replace(result, measurement=m, advice=advice)

    def _with_fix(self, place: Blame, result: Result) -> Blame:
        """Give a blamed place with its source, and with its advice as a diff where there is one."""
        app_dir = self._plan.target.app_dir
        shown = located(place, app_dir)
        if shown.advice is None:
            return shown
        made = fix_of(place, result.judgement.diagnosis, app_dir)
        return replace(shown, advice=replace(shown.advice, diff=made))

    def _check_alive(self) -> None:
        if not self._observer.server.alive:
            raise self._observer.server.death()

    async def _solo(self, subject: Subject) -> Solo:
        """Warm the endpoint up, then ask one at a time; raises NeverblockError if it fails."""
        began_s = time.monotonic()
        async with self._turn:
            self._on_phase(f"{subject.endpoint.name}: warming up")
            warm_up = await self._fire(subject.request, SOLO, self._plan.deadline_s)
            await self._refuse(warm_up.records[0], subject)
            ended_s, before_s = time.monotonic(), warm_up.wall_s
            short = warm_up.wall_s < SHORT_S and not self._plan.quick
            for _ in range(WARM_UPS if short else 0):
                again = await self._fire(subject.request, SOLO, self._plan.deadline_s)
                if again.wall_s >= WARM * before_s:
                    break
                before_s = again.wall_s
        async with self._turn:
            solo = await self._alone(subject, warm_up.wall_s)
        return replace(solo, first=self._observer.seen(began_s, ended_s))

    async def _alone(self, subject: Subject, warm_up_s: float) -> Solo:
        """Ask one at a time; raises NeverblockError where one fails."""
        self._on_phase(f"{subject.endpoint.name}: one at a time")
        records: list[Record] = []
        async with self._observer.window() as window:
            for seq in range(SOLO_REQUESTS):
                burst = await self._fire(subject.request, SOLO, self._plan.deadline_s)
                await self._refuse(burst.records[0], subject)
                records.append(replace(burst.records[0], seq=seq))
        seen = window.observed
        return Solo(tuple(records), seen.pings, seen.trace, warm_up_s)

    async def _refuse(self, record: Record, subject: Subject) -> None:
        """Raise where a single request did not succeed: there is nothing to burst then."""
        if not refused(record, subject):
            return
        self._check_alive()
        answer = await send_probe_request(self._observer.server.base_url, subject.request)
        explain = why_refused_in_test if self._plan.in_test else why_refused
        why = explain(record, subject, answer, self._observer.server.log_tail())
        kind = RefusedError if asked_wrongly(record, subject) else TargetError
        longer = LONGER if self._plan.in_test else "--deadline sets how long a request may take"
        raise kind(why, f"Ask it by hand to see; {longer}.")

    async def _round(self, trial: Trial) -> None:
        """Burst at the null app, then at the subject; what was near its limit is asked alone again.

        Raises NeverblockError.
        """
        scenario = trial.scenario
        if trial.doubt is not None:
            trial.take_solo(await self._alone(trial.subject, trial.solo.warm_up_s))
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
        async with self._observer.window(quiet_after(trial.solo.trace)) as window:
            burst = await self._fire(trial.subject.request, scenario, timeout_s)
        if self._observer.server.alive:
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

    async def _fire(self, request: Request, scenario: Scenario, timeout_s: float) -> Burst:
        return await self._engines[scenario.engine].fire(
            self._observer.server.base_url,
            request,
            scenario,
            timeout_s=timeout_s,
            canary_path=self._observer.canary_path,
        )
