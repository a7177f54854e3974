"""Check a user's own app: serve it, find its endpoints, measure each."""

from __future__ import annotations

import shlex
from contextlib import AsyncExitStack, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.endpoints.find import find
from neverblock.run.each_endpoint import measure_each
from neverblock.run.log import Log, blank_run
from neverblock.run.rig import control
from neverblock.run.served import insist_on_one_worker, serve_target

if TYPE_CHECKING:
    import asyncio

    from neverblock.plan import Subject, Target
    from neverblock.result import Run
    from neverblock.run.log import Watcher
    from neverblock.run.order import Order
    from neverblock.run.served import Served


async def run_check(order: Order, watcher: Watcher, turn: asyncio.Lock | None = None) -> Run:
    """Serve the target, find its endpoints, measure each; partial, where it was interrupted.

    Checks that share a ``turn`` fire in turns. Raises NeverblockError where nothing at all can be
    measured.
    """
    target = order.target
    log = Log(watcher, blank_run(target.app, order.plan.criterion, app_dir=target.app_dir))
    if options := served_by(target):
        log.run = replace(log.run, environment={**log.run.environment, "options": options})
    with log.closing():
        async with AsyncExitStack() as stack:
            async with turn or nullcontext():
                served = await stack.enter_async_context(serve_target(order, log))
                if order.probed:
                    await control(served.rig, log)
                subjects = await find_endpoints(order, served, log)
            with log.phase("endpoints"):
                await measure_each(order, subjects, served, log, turn)
            log.add_background(served.observer.seen_so_far(), target.app_dir)
            log.watcher.on_phase("stopping servers")
    return log.run


def served_by(target: Target) -> str:
    """Give the options with which the command line serves a target in the same way; "" for none."""
    words = ["--factory"] * target.factory
    if target.command is not None:
        words += ["--cmd", target.command]
    return shlex.join(words)


async def find_endpoints(order: Order, served: Served, log: Log) -> tuple[Subject, ...]:
    """Give the endpoints to measure; those that cannot be measured go into the log.

    Raises UsageError where there is none, TargetError where the app's document or its login fails.
    """
    with log.phase("finding endpoints"):
        await insist_on_one_worker(order, served)
        found = await find(
            served.observer.server.base_url,
            order.config,
            order.target.app_dir,
            probed=order.probed,
            expression=order.expression,
        )
    log.secrets = found.secrets
    log.add(*found.unchecked)
    log.watcher.on_total(len(found.subjects))
    return found.subjects
