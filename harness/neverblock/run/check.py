"""Check a user's own app: its endpoints are found once it serves, then measured in turn."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neverblock.analysis.consensus import agreed
from neverblock.analysis.trial import failed_result
from neverblock.endpoints.find import find
from neverblock.errors import TargetError, UsageError
from neverblock.load.ceiling import Ration, RationedEngine
from neverblock.observe.machine import allow_open_files, usable_cpus
from neverblock.observe.noise import NoiseMeter
from neverblock.observe.window import Observer
from neverblock.plan import GATHER, Plan
from neverblock.probe.config import CANARY_PATH
from neverblock.result import Criterion, Result
from neverblock.run.log import Log, blank_run
from neverblock.run.rig import Rig, control, set_up
from neverblock.run.trials import Trials
from neverblock.target.probed import probed_server
from neverblock.target.remote import RemoteServer, is_loopback_url, is_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from neverblock.config import Config
    from neverblock.plan import Subject, Target
    from neverblock.result import Run
    from neverblock.run.log import Watcher
    from neverblock.target.server import Server

REMOTE_RATE = 50.0
"""Requests a second that another machine is asked for on average."""

WORKERS_APPEAR_S = 1.0
"""How long after the first answer of a command's server its other workers may still start."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be checked, and how.

    ``expression`` chooses among the endpoints as ``-k`` does. Each is measured ``repeat`` times,
    and what all measurements say counts; ``quick`` asks as few requests as can tell. Without a
    ceiling the target is asked without limit.
    """

    target: Target
    config: Config
    expression: str | None = None
    repeat: int = 1
    quick: bool = False
    ceiling: bool = True

    @property
    def probed(self) -> bool:
        """Whether the target is served here, with the probe around it."""
        return not is_url(self.target.app)

    @property
    def plan(self) -> Plan:
        """The limits in the form that measuring takes them."""
        config = self.config
        return Plan(
            target=self.target,
            lanes=(),
            scenarios=(replace(GATHER, n=config.n),),
            criterion=Criterion(
                document_limit_s=config.document_limit_s, loop_limit_s=config.loop_limit_s
            ),
            deadline_s=config.deadline_s,
            quick=self.quick,
        )


async def run_check(order: Order, watcher: Watcher, turn: asyncio.Lock | None = None) -> Run:
    """Serve the target, find its endpoints, measure each; partial, where it was interrupted.

    Checks that share a ``turn`` fire in turns. Raises NeverblockError where nothing at all can be
    measured.
    """
    allow_open_files()
    target = order.target
    log = Log(watcher, blank_run(target.app, order.plan.criterion, app_dir=target.app_dir))
    meter = NoiseMeter()
    served: list[Server] = []

    def beside(traces: Path) -> Sequence[Server]:
        if order.probed:
            served.append(probed_server(target, target.app, traces / "target", {}))
        return served

    try:
        async with AsyncExitStack() as stack:
            async with turn or nullcontext():
                rig = await stack.enter_async_context(set_up((), target.loop, log, beside))
                if order.probed:
                    await control(rig, log)
                observer = observe(order, served, rig)
                with log.phase("finding endpoints"):
                    await insist_on_one_worker(order, observer)
                    found = await find(
                        observer.server.base_url,
                        order.config,
                        target.app_dir,
                        probed=order.probed,
                        expression=order.expression,
                    )
                    log.secrets = found.secrets
                    log.add(*found.unchecked)
            log.watcher.on_total(len(found.subjects))
            with log.phase("endpoints"):
                await measure_all(order, found.subjects, observer, rig, log, turn)
            log.watcher.on_phase("stopping servers")
    except asyncio.CancelledError:
        log.run = replace(log.run, interrupted=True)
    noise = meter.read(log.run.results)
    log.run = replace(log.run, environment={**log.run.environment, "noise": noise})
    log.publish()
    return log.run


def observe(order: Order, served: Sequence[Server], rig: Rig) -> Observer:
    """Watch the server that was started with the probe around its app, or another's from outside.

    Raises UsageError for a URL without a canary.
    """
    if served:
        return Observer(served[0], rig.traces / "target", CANARY_PATH)
    if order.config.canary is None:
        raise UsageError(
            "A URL is watched from outside, by a canary, and no path for it is named.",
            "Name a cheap endpoint that does nothing but answer: --canary /health.",
        )
    return Observer(RemoteServer(order.target.app), None, order.config.canary)


async def insist_on_one_worker(order: Order, observer: Observer) -> None:
    """Raise UsageError where the target has several workers: they hide a block, and mend none."""
    if order.target.command is None:
        return
    await asyncio.sleep(WORKERS_APPEAR_S)
    if (workers := observer.workers()) > 1:
        raise UsageError(
            f"The command serves the app by {workers} workers, and a request that blocks one of "
            "them would leave the canary to the others.",
            "Workers hide a block, they do not mend it: have one worker for the check.",
        )


async def measure_all(
    order: Order,
    subjects: Sequence[Subject],
    observer: Observer,
    rig: Rig,
    log: Log,
    turn: asyncio.Lock | None,
) -> None:
    """Measure one endpoint after another; where the server dies, the rest become errors.

    Raises UsageError, before the first, where one of them is over the ceiling.
    """
    engine = rig.engines["gather"]
    if order.ceiling:
        near = order.probed or is_loopback_url(order.target.app)
        ration = Ration(rate=None if near else REMOTE_RATE)
        for subject in subjects:
            ration.permit(subject.n or order.config.n)
        engine = RationedEngine(engine, ration)
    course = Trials(
        order.plan,
        observer,
        replace(rig, engines={"gather": engine}),
        lambda what: log.watcher.on_lane("check", what),
        usable_cpus(),
        turn,
    )
    death: TargetError | None = None
    for subject in subjects:
        if death is None:
            try:
                await measure_one(order, subject, course, log)
            except TargetError as error:
                death = error
        if death is not None:
            why = f"{death.what} {death.hint}"
            log.add(failed_result(subject, order.plan.scenarios[0], why))
    log.watcher.on_lane("check", "done")


async def measure_one(order: Order, subject: Subject, course: Trials, log: Log) -> None:
    """Measure one endpoint as often as ordered. Raises TargetError where the server died."""
    results: list[Result] = []
    for _ in range(order.repeat):
        async for found in course.results((subject,)):
            if isinstance(found, Result):
                results.append(found)
            else:
                log.add(found)
                return
    log.add(agreed(results))
