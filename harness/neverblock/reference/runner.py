"""Run a plan: skip what has no service, serve the groups, measure each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.analysis.judge import skipped
from neverblock.reference.each_group import measure_each
from neverblock.reference.group_servers import missing_service, serve_groups
from neverblock.reference.services import Provided
from neverblock.result import Phase, Result
from neverblock.run.log import Log, blank_run
from neverblock.run.rig import control, set_up
from neverblock.target.interpreter import own_interpreter

if TYPE_CHECKING:
    from collections.abc import Callable

    from neverblock.plan import Group, Plan
    from neverblock.reference.group_servers import Services
    from neverblock.result import Run
    from neverblock.run.log import Watcher


async def run_plan(plan: Plan, services: Services, watcher: Watcher) -> Run:
    """Measure every group of a plan and give the run; partial, where it was interrupted.

    Raises NeverblockError where nothing at all can be measured.
    """
    log = Log(watcher, begin(plan, services), place_in(plan))
    groups = with_services(plan, services, log)
    engines = {scenario.engine for scenario in plan.scenarios}
    with log.closing():
        async with set_up(engines, plan.target.loop, log) as rig:
            await control(rig, log)
            async with serve_groups(plan, groups, services, rig.traces, log) as observers:
                await measure_each(plan, groups, observers, rig, log)
    return log.run


def begin(plan: Plan, services: Services) -> Run:
    """Give the run as it stands before anything is measured."""
    used = {need for group in plan.groups for need in group.needs}
    provided = [one for one in services.values() if isinstance(one, Provided)]
    versions = {one.name: f"{one.version} ({one.origin})" for one in provided if one.name in used}
    ready_s = max((one.ready_s for one in provided), default=0.0)
    blank = blank_run(
        plan.target.app,
        plan.criterion,
        own_interpreter(),
        scale=plan.scale,
        app_dir=plan.target.app_dir,
    )
    return replace(
        blank,
        environment={**blank.environment, "services": versions},
        phases=(Phase("services, side by side", ready_s),) if ready_s else (),
        lessons=tuple(group.lesson for group in plan.groups if group.lesson is not None),
    )


def place_in(plan: Plan) -> Callable[[Result], int]:
    """Give the function that says where a result stands in the plan: by scenario, then endpoint."""
    order = [
        (scenario.name, subject.endpoint)
        for scenario in plan.scenarios
        for group in plan.groups
        for subject in group.subjects
    ]
    places = {each: place for place, each in enumerate(order)}
    return lambda result: places[result.scenario.name, result.endpoint]


def with_services(plan: Plan, services: Services, log: Log) -> list[Group]:
    """Give the groups that have their services; the others are logged as skipped."""
    groups = []
    for group in plan.groups:
        why = missing_service(group, services)
        if why is None:
            groups.append(group)
            continue
        log.add(
            *(
                Result(subject.endpoint, scenario, None, skipped(why), subject.expected)
                for scenario in plan.scenarios_of(group)
                for subject in group.subjects
            )
        )
    return groups
