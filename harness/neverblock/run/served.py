"""The target of a check while it serves, and what watches it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neverblock.endpoints.find import find
from neverblock.errors import UsageError
from neverblock.observe.process_samples import ProcessSamples
from neverblock.observe.window import Observer
from neverblock.probe.config import CANARY_PATH
from neverblock.run.log import Log, blank_run
from neverblock.run.rig import set_up
from neverblock.target.interpreter import own_interpreter
from neverblock.target.probed import probed_server
from neverblock.target.remote import RemoteServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from neverblock.endpoints.find import Endpoints
    from neverblock.run.log import Watcher
    from neverblock.run.order import Order
    from neverblock.run.rig import Rig
    from neverblock.target.server import Server

WORKERS_APPEAR_S = 1.0
"""How long after the first answer of a command's server its other workers may still start."""


@dataclass(frozen=True, slots=True)
class Served:
    """A target that serves, what watches it, and what it is measured with."""

    observer: Observer
    rig: Rig
    samples: ProcessSamples = field(default_factory=ProcessSamples)


def begun(order: Order, watcher: Watcher) -> Log:
    """Give the log of a run that has nothing in it yet but what is known from the order."""
    target = order.target
    python = (target.python or own_interpreter()) if order.probed else None
    run = blank_run(target.app, order.plan.criterion, python, app_dir=target.app_dir)
    return Log(watcher, run, secrets=order.config.secrets)


@asynccontextmanager
async def serve_target(order: Order, log: Log, *, numbered: bool = False) -> AsyncIterator[Served]:
    """Serve the target with the probe around it, or watch a URL by its canary, beside the rig.

    Where requests are ``numbered``, each answer says which request it is of.
    Raises TargetError where the target does not start.
    """
    target = order.target
    if not order.probed:
        remote = Observer(RemoteServer(target.app), None, order.config.canary or "/")
        async with set_up((), target.loop, log) as rig:
            yield Served(remote, rig)
        return
    servers: list[Server] = []

    def probed(traces: Path) -> Sequence[Server]:
        servers.append(probed_server(target, target.app, traces / "target", {}, numbered=numbered))
        return servers

    async with set_up((), target.loop, log, probed, target.python) as rig:
        traces = rig.traces / "target"
        yield Served(Observer(servers[0], traces, CANARY_PATH, brief=numbered), rig)


async def endpoints_of(order: Order, served: Served) -> Endpoints:
    """Give the endpoints that an order asks of its target; raises as ``find`` does."""
    return await find(
        served.observer.server.base_url,
        order.config,
        order.target,
        probed=order.probed,
        expression=order.expression,
        named=order.named,
        earlier=order.earlier,
    )


def insist_on_canary(order: Order) -> None:
    """Raise UsageError where a target is watched from outside, and no canary for it is named."""
    if not order.probed and order.config.canary is None:
        raise UsageError(
            "A URL is watched from outside, by a canary, and no path for it is named.",
            "Name a cheap endpoint that does nothing but answer: --canary /health.",
        )


async def insist_on_one_worker(order: Order, served: Served) -> None:
    """Raise UsageError where the target has several workers: they only hide a block."""
    if order.target.command is None:
        return
    await asyncio.sleep(WORKERS_APPEAR_S)
    refuse_several_workers(served.observer)


def refuse_several_workers(observer: Observer) -> None:
    """Raise UsageError where several workers serve by now: on a busy machine one may come late."""
    if (workers := observer.workers()) > 1:
        raise UsageError(
            f"The command serves the app by {workers} workers, and a request that blocks one of "
            "them would leave the canary to the others.",
            "Workers hide a block and do not fix it: use one worker for the check.",
        )
