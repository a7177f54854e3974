"""The endpoints of a check, measured one after another."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.analysis.consensus import agreed
from neverblock.analysis.trial import failed_result
from neverblock.errors import TargetError
from neverblock.load.ceiling import RationedEngine
from neverblock.load.distributed import DistributedEngine
from neverblock.result import Result
from neverblock.run.served import refuse_several_workers
from neverblock.run.trials import Trials

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from neverblock.load import Engine
    from neverblock.plan import Subject
    from neverblock.run.log import Log
    from neverblock.run.order import Order
    from neverblock.run.served import Served

REMOTE_RATE = 50.0
"""Requests per second, on average, that another machine has to serve."""


async def measure_each(
    order: Order,
    subjects: Sequence[Subject],
    served: Served,
    log: Log,
    turn: asyncio.Lock | None = None,
) -> None:
    """Measure one endpoint after another; where the server cannot be brought back, the rest fail.

    Raises UsageError where one of them is over the ceiling, before the first, and where several
    workers turn out to serve.
    """
    engine = rationed(order, subjects, served)
    trials = Trials(
        order.plan,
        served.observer,
        replace(served.rig, engines={"gather": engine, "locust": engine}),
        lambda what: log.watcher.on_step("check", what),
        served.observer.cpus(),
        turn,
        log.hide,
    )
    for at, subject in enumerate(subjects):
        began_s = time.monotonic()
        try:
            await measure_one(order.repeat, subject, trials, log)
            refuse_several_workers(served.observer)
            if order.target.marks and not measured(subject, log):
                await served.observer.settle()  # what a refused request ran is no other endpoint's
        except TargetError as error:
            why = f"{error.what} {error.hint}"
            done = {result.endpoint for result in log.run.results}
            left = [one for one in subjects[at:] if one.endpoint not in done]
            log.add(*(failed_result(one, order.plan.scenarios[0], why) for one in left))
            break
        finally:
            log.spans[subject.endpoint.name] = began_s, time.monotonic()
    log.watcher.on_step("check", "done")


def measured(subject: Subject, log: Log) -> bool:
    """Say whether an endpoint has figures, for which the loop was waited to be quiet."""
    mine = (r for r in log.run.results if r.endpoint == subject.endpoint)
    return any(result.measurement is not None for result in mine)


def rationed(order: Order, subjects: Sequence[Subject], served: Served) -> Engine:
    """Give the engine with the order's ceiling over it, under which the canary's requests count.

    Raises UsageError where a single burst of one of the endpoints is over it already.
    """
    engine = served.rig.engines["gather"]
    if order.workers > 1:
        engine = DistributedEngine(engine, order.workers, served.rig.traces)
    if order.ration is None:
        return engine
    ration = replace(order.ration, rate=REMOTE_RATE)
    for subject in subjects:
        ration.permit(subject.n or order.config.n)
    return RationedEngine(engine, ration, lambda: served.observer.pings)


async def measure_one(repeat: int, subject: Subject, trials: Trials, log: Log) -> None:
    """Measure one endpoint ``repeat`` times and log the consensus.

    Raises TargetError where the server ended and could not be started again.
    """
    results: list[Result] = []
    try:
        for _ in range(repeat):
            async for outcome in trials.results((subject,)):
                if not isinstance(outcome, Result):
                    log.add(outcome)
                    return
                results.append(outcome)
    except TargetError:
        log.add(*results[-1:])
        raise
    log.add(agreed(results))
