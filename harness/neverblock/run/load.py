"""Put a user's own app under the load that its users make, with the probe watching."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from neverblock.analysis.load.report import LoadSeen, load_of
from neverblock.endpoints.find import find
from neverblock.load.locustfile import locustfile
from neverblock.load.traffic import Traffic
from neverblock.probe.config import SERVED_HEADER
from neverblock.run.log import Log, blank_run
from neverblock.run.rig import control
from neverblock.run.served import WORKERS_APPEAR_S, serve_target
from neverblock.storage.source_lines import located

if TYPE_CHECKING:
    from neverblock.observe.window import Observer
    from neverblock.result import Run
    from neverblock.run.log import Watcher
    from neverblock.run.order import Order
    from neverblock.run.served import Served

POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What is to be put under load, and how: the target as for a check, and Locust's options.

    Without a locustfile among them, one is made of the endpoints that a check would ask.
    """

    order: Order
    options: tuple[str, ...]
    has_locustfile: bool


async def run_load(ordered: LoadOrder, watcher: Watcher) -> Run:
    """Serve the target, put it under load, judge; partial, where it was interrupted.

    Raises NeverblockError where nothing at all can be measured.
    """
    order = ordered.order
    target = order.target
    log = Log(watcher, blank_run(target.app, order.plan.criterion, app_dir=target.app_dir))
    with log.closing():
        async with serve_target(order, log, numbered=True) as served:
            await control(served.rig, log)
            options = await _options(ordered, served, log)
            await _make(options, order, served, log)
            log.watcher.on_phase("stopping servers")
    return log.run


async def _options(ordered: LoadOrder, served: Served, log: Log) -> tuple[str, ...]:
    """Give Locust's options, with a locustfile made for them where they name none."""
    if ordered.has_locustfile:
        return ordered.options
    order = ordered.order
    with log.phase("finding endpoints"):
        found = await find(
            served.observer.server.base_url,
            order.config,
            order.target.app_dir,
            probed=order.probed,
            expression=order.expression,
        )
    log.secrets = found.secrets
    log.add(*found.unchecked)
    file = served.rig.traces / "locustfile.py"
    file.write_text(locustfile(found.subjects), encoding="utf-8")
    return ("-f", str(file), *ordered.options)


async def _make(options: tuple[str, ...], order: Order, served: Served, log: Log) -> None:
    """Make the load, and take what came of it into the run, also where it was interrupted."""
    observer = served.observer
    records = served.rig.traces / "requests.jsonl"
    traffic = Traffic(options, observer.server.base_url, records, SERVED_HEADER)
    await _workers_are_there(order, observer)
    from_s = time.monotonic()
    try:
        with log.phase("load"):
            async with traffic:
                await _until_ended(traffic, served)
    finally:
        if records.exists():
            await asyncio.shield(_conclude(traffic, order, served, log, from_s))


async def _workers_are_there(order: Order, observer: Observer) -> None:
    """Wait for all processes that a command starts, and for what their probes say first."""
    if order.target.command is not None:
        await asyncio.sleep(WORKERS_APPEAR_S)
    await observer.begun()


async def _until_ended(traffic: Traffic, served: Served) -> None:
    """Wait for the end of the load. Raises TargetError where the server dies before."""
    ended = asyncio.create_task(traffic.ended())
    try:
        while not ended.done():
            await asyncio.wait([ended], timeout=POLL_S)
            if not served.observer.server.alive:
                raise served.observer.server.death()
        await ended
    finally:
        ended.cancel()


async def _conclude(
    traffic: Traffic, order: Order, served: Served, log: Log, from_s: float
) -> None:
    """Judge what was recorded, and take it into the run."""
    observer = served.observer
    with log.phase("judging"):
        to_s = time.monotonic()
        await observer.settled(to_s)
        trace = observer.seen(from_s, to_s)
        seen = LoadSeen(
            requests=traffic.requests,
            beats=tuple(traffic.requests.beats()),
            stalls=observer.caused(from_s, to_s),
            trace=trace,
            control=log.run.control,
        )
        locate = partial(located, app_dir=order.target.app_dir)
        load = await asyncio.to_thread(load_of, seen, log.run.criterion, locate)
        log.run = replace(log.run, load=load)
        log.publish()
