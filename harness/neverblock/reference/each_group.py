"""The groups of a plan, measured: a few side by side, then one by one those that compute."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from neverblock.analysis.trial import failed_result
from neverblock.errors import TargetError
from neverblock.observe.machine import usable_cpus
from neverblock.reference.retry_alone import SideBySide
from neverblock.result import Result
from neverblock.run.trials import Trials
from neverblock.target.server import side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neverblock.model import Scenario
    from neverblock.observe.window import Observer
    from neverblock.plan import Group, Plan
    from neverblock.reference.retry_alone import Take
    from neverblock.run.log import Log
    from neverblock.run.rig import Rig

GROUPS_PER_CORE = 5
"""Side by side: on two cores all ten of the reference app, whose groups wait for most of a minute
each. None of their bursts was spoiled by the others, and what is spoiled is measured again, alone.
"""


async def measure_each(
    plan: Plan, groups: Sequence[Group], observers: Mapping[str, Observer], rig: Rig, log: Log
) -> None:
    """Measure the groups that wait side by side, retry alone what was spoiled, then the others.

    ``observers`` are what watches the server of each group, by the groups' names.
    """

    async def measure(group: Group, take: Take = log.add, plan: Plan = plan) -> None:
        await measure_group(plan, group, observers[group.name], rig, log, take)

    async def retry(group: Group, scenario: Scenario, take: Take) -> None:
        await measure(group, take, replace(plan, scenarios=(scenario,)))

    together = [group for group in groups if not (group.alone or plan.one_by_one)]
    if together:
        with SideBySide(log) as outcomes:
            with log.phase("endpoints side by side"):
                await side_by_side(
                    [measure(g, partial(outcomes.take, g)) for g in together],
                    at_most=math.ceil(GROUPS_PER_CORE * usable_cpus()),
                )
            if outcomes.spoiled:
                with log.phase("what was spoiled side by side, alone"):
                    await outcomes.retry_alone(retry)
    if apart := [group for group in groups if group not in together]:
        with log.phase("endpoints one by one"):
            for group in apart:
                await measure(group)


async def measure_group(
    plan: Plan, group: Group, observer: Observer, rig: Rig, log: Log, take: Take
) -> None:
    """Measure one group; where its server cannot be brought back, the rest becomes errors."""
    plan = plan.of(group)
    trials = Trials(
        plan, observer, rig, lambda what: log.watcher.on_step(group.name, what), observer.cpus()
    )
    measured = set()
    try:
        async for outcome in trials.results(group.subjects):
            if isinstance(outcome, Result):
                measured.add((outcome.endpoint.name, outcome.scenario.name))
            take(outcome)
    except TargetError as error:
        log.add(
            *(
                failed_result(subject, scenario, f"{error.what} {error.hint}")
                for subject in group.subjects
                for scenario in plan.scenarios
                if (subject.endpoint.name, scenario.name) not in measured
            )
        )
    log.watcher.on_step(group.name, "done")
