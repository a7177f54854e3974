"""Check a user's own app: serve it, find its endpoints, measure each."""

from __future__ import annotations

import shlex
from contextlib import AsyncExitStack, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.run.each_endpoint import measure_each
from neverblock.run.rig import control
from neverblock.run.served import (
    begun,
    endpoints_of,
    insist_on_canary,
    insist_on_one_worker,
    serve_target,
)
from neverblock.run.suspects import fetch_handlers, line_up
from neverblock.target.interpreter import BY_OPTION

if TYPE_CHECKING:
    import asyncio

    from neverblock.plan import Subject, Target
    from neverblock.result import Run
    from neverblock.run.log import Log, Watcher
    from neverblock.run.order import Order
    from neverblock.run.served import Served


async def run_check(order: Order, watcher: Watcher, turn: asyncio.Lock | None = None) -> Run:
    """Serve the target, find its endpoints, measure each; partial, where it was interrupted.

    Checks that share a ``turn`` fire in turns. Raises NeverblockError where nothing at all can be
    measured.
    """
    insist_on_canary(order)
    log = begun(order, watcher)
    if options := served_by(order.target):
        log.run = replace(log.run, environment={**log.run.environment, "options": options})
    with log.closing():
        async with AsyncExitStack() as stack:
            async with turn or nullcontext():
                served = await stack.enter_async_context(serve_target(order, log))
                subjects = await find_endpoints(order, served, log)
                if order.probed:
                    await control(served.rig, log)
                log.note_probe(served.observer)
            handlers = await fetch_handlers(order, served)
            try:
                with log.phase("endpoints"):
                    await measure_each(order, subjects, served, log, turn)
            finally:
                log.add_background(served.observer.seen_so_far(), order.target.app_dir)
                line_up(order, served, handlers, log)
            log.watcher.on_phase("stopping servers")
    return log.run


def served_by(target: Target) -> str:
    """Give the options with which the command line serves a target in the same way; "" for none."""
    words = ["--factory"] * target.factory
    if target.command is not None:
        words += ["--cmd", target.command]
    if target.python is not None and target.python.why == BY_OPTION:
        words += ["--python", target.python.path]
    return shlex.join(words)


async def find_endpoints(order: Order, served: Served, log: Log) -> tuple[Subject, ...]:
    """Give the endpoints to measure; those that cannot be measured go into the log.

    Raises UsageError where there is none, TargetError where the app's document or its login fails.
    """
    with log.phase("finding endpoints"):
        await insist_on_one_worker(order, served)
        found = await endpoints_of(order, served)
    log.secrets, log.routes = found.secrets, found.routes
    log.run = replace(log.run, left_out=found.left_out)
    log.add(*found.unchecked)
    log.watcher.on_total(len(found.subjects))
    return found.subjects
