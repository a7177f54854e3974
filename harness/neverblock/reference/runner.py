"""The order of things: services, servers, the control, lanes side by side, then those alone.

What company spoiled is measured once more, without it.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from neverblock.analysis.judge import skipped
from neverblock.analysis.trial import failed_result
from neverblock.errors import TargetError
from neverblock.observe.machine import allow_open_files, usable_cpus
from neverblock.observe.noise import NoiseMeter
from neverblock.observe.window import Observer
from neverblock.probe.config import CANARY_PATH
from neverblock.reference.retry_alone import Company
from neverblock.reference.services import Missing, Provided
from neverblock.result import Phase, Result
from neverblock.run.log import Log, blank_run
from neverblock.run.rig import control, set_up
from neverblock.run.trials import Trials
from neverblock.target.probed import probed_server
from neverblock.target.server import serving, side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from neverblock.model import Scenario
    from neverblock.plan import Lane, Plan
    from neverblock.reference.retry_alone import Take
    from neverblock.result import Run
    from neverblock.run.log import Watcher
    from neverblock.run.rig import Rig
    from neverblock.target.server import Server

LANES_PER_CORE = 3
"""Side by side. 12 on two cores spoil up to a fifth of their bursts, 6 hardly any."""


async def run_plan(plan: Plan, services: Mapping[str, Provided | Missing], watcher: Watcher) -> Run:
    """Measure every lane of a plan and give the run; partial, where it was interrupted.

    Raises NeverblockError where nothing at all can be measured.
    """
    allow_open_files()
    log = Log(watcher, begin(plan, services))
    meter = NoiseMeter()
    lanes = []
    for lane in plan.lanes:
        why = not_there(lane, services)
        if why is None:
            lanes.append(lane)
            continue
        log.add(
            *(
                Result(subject.endpoint, scenario, None, skipped(why), subject.expected)
                for scenario in plan.scenarios
                for subject in lane.subjects
            )
        )
    try:
        engines = {scenario.engine for scenario in plan.scenarios}
        async with set_up(engines, plan.target.loop, log) as rig:
            await control(rig, log)
            await measure_lanes(plan, lanes, log, rig, services)
    except asyncio.CancelledError:
        log.run = replace(log.run, interrupted=True)
    environment_now = {**log.run.environment, "noise": meter.read(log.run.results)}
    results = in_order(log.run.results, plan)
    log.run = replace(log.run, environment=environment_now, results=results)
    log.publish()
    return log.run


def begin(plan: Plan, services: Mapping[str, Provided | Missing]) -> Run:
    """Give the run as it stands before anything is measured."""
    used = {need for lane in plan.lanes for need in lane.needs}
    versions = {
        name: f"{found.version} ({found.origin})"
        for name, found in services.items()
        if name in used and isinstance(found, Provided)
    }
    started = (found for found in services.values() if isinstance(found, Provided))
    ready_s = max((found.ready_s for found in started), default=0.0)
    blank = blank_run(
        plan.target.app, plan.criterion, scale=plan.scale, app_dir=plan.target.app_dir
    )
    return replace(
        blank,
        environment={**blank.environment, "services": versions},
        phases=(Phase("services, side by side", ready_s),) if ready_s else (),
        lessons=tuple(lane.lesson for lane in plan.lanes if lane.lesson is not None),
    )


def in_order(results: tuple[Result, ...], plan: Plan) -> tuple[Result, ...]:
    """Give results in the order of the plan; they came in the order in which lanes finished."""
    places = [(s.name, e.endpoint) for s in plan.scenarios for x in plan.lanes for e in x.subjects]
    return tuple(sorted(results, key=lambda r: places.index((r.scenario.name, r.endpoint))))


def not_there(lane: Lane, services: Mapping[str, Provided | Missing]) -> str | None:
    """Say which service a lane misses and what to do about it, or None."""
    for need in lane.needs:
        found = services[need]
        if isinstance(found, Missing):
            return f"needs {need}: {found.reason} {found.hint}"
    return None


def lane_server(
    lane: Lane, plan: Plan, trace_dir: Path, services: Mapping[str, Provided | Missing], port: int
) -> Server:
    """Give the probed server of one lane."""
    env = dict(lane.env)
    for need in lane.needs:
        if isinstance(found := services[need], Provided):
            env |= found.env
    return probed_server(plan.target, lane.name, trace_dir, env, port)


async def measure_lanes(
    plan: Plan,
    lanes: list[Lane],
    log: Log,
    rig: Rig,
    services: Mapping[str, Provided | Missing],
) -> None:
    """Start all servers, measure the lanes that wait, a few side by side, then the others.

    What the lanes side by side spoiled for each other comes in between, alone as well.
    """
    traces = rig.traces
    servers = {
        lane.name: lane_server(
            lane, plan, traces / lane.name, services, plan.port + at if plan.port else 0
        )
        for at, lane in enumerate(lanes)
    }

    async def one(lane: Lane, take: Take = log.add, plan: Plan = plan) -> None:
        observer = Observer(servers[lane.name], traces / lane.name, CANARY_PATH)
        await measure_lane(plan, lane, log, observer, rig, take)

    async def again(lane: Lane, scenario: Scenario, take: Take) -> None:
        await one(lane, take, replace(plan, scenarios=(scenario,)))

    async with AsyncExitStack() as stack:
        with log.phase("servers"):
            on_start = log.watcher.on_lane
            await stack.enter_async_context(
                serving(
                    list(servers.values()), lambda server: on_start(server.spec.name, "starting")
                )
            )
        together = [lane for lane in lanes if not (lane.alone or plan.one_by_one)]
        if together:
            with Company(log) as company:
                with log.phase("endpoints side by side"):
                    takes = [partial(company.take, lane) for lane in together]
                    await side_by_side(
                        [one(*each) for each in zip(together, takes, strict=True)],
                        at_most=math.ceil(LANES_PER_CORE * usable_cpus()),
                    )
                if company.spoiled:
                    with log.phase("what was spoiled side by side, alone"):
                        await company.disperse(again)
        if apart := [lane for lane in lanes if lane not in together]:
            with log.phase("endpoints one by one"):
                for lane in apart:
                    await one(lane)
        log.watcher.on_phase("stopping servers")


async def measure_lane(
    plan: Plan, lane: Lane, log: Log, observer: Observer, rig: Rig, take: Take
) -> None:
    """Measure one lane; where its server dies, what is left of it becomes error results."""
    course = Trials(
        plan,
        observer,
        rig,
        lambda what: log.watcher.on_lane(lane.name, what),
        usable_cpus(),
    )
    seen = set()
    try:
        async for found in course.results(lane.subjects):
            if isinstance(found, Result):
                seen.add((found.endpoint.name, found.scenario.name))
            take(found)
    except TargetError as error:
        log.add(
            *(
                failed_result(subject, scenario, f"{error.what} {error.hint}")
                for subject in lane.subjects
                for scenario in plan.scenarios
                if (subject.endpoint.name, scenario.name) not in seen
            )
        )
    log.watcher.on_lane(lane.name, "done")
