"""Put a user's own app under the load that its users make, with the probe watching."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from neverblock.analysis.codes import find_code
from neverblock.analysis.load.generators import generators_of
from neverblock.analysis.load.progress import Progress
from neverblock.analysis.load.report import LoadSeen, load_of
from neverblock.analysis.load.under_way import under_way_at_death
from neverblock.config.secret import redact
from neverblock.errors import TargetError
from neverblock.gate.threshold import held_to, refuse_unknown_endpoints
from neverblock.load.literals import WithoutSecrets
from neverblock.load.locustfile import locustfile
from neverblock.load.singles import Singles
from neverblock.load.traffic import AS_USERS_COME, WEB_URL, Traffic
from neverblock.run.rig import control
from neverblock.run.served import WORKERS_APPEAR_S, begun, endpoints_of, serve_target
from neverblock.storage.fixes import located_with_fix
from neverblock.storage.source_lines import relative

if TYPE_CHECKING:
    from pathlib import Path

    from neverblock.endpoints.find import Endpoints
    from neverblock.load.traffic import Distributed, PaceOrder
    from neverblock.observe.window import Observer
    from neverblock.result import LoadFinding, Run
    from neverblock.run.log import Log, Watcher
    from neverblock.run.order import Order
    from neverblock.run.served import Served

POLL_S = 1.0
"""Between two looks at how far a load is."""
NAMED = 5
"""Of what was asked when the server died: what killed it is looked for among a few."""


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What is to be put under load, and how: the target as for a check, and Locust's options.

    Without a locustfile among them, one is made of the endpoints that a check would ask. With
    ``web`` Locust shows its own page meanwhile. One process makes the load unless it is
    ``distributed``. Tasks begin at their ``pace``.
    """

    order: Order
    options: tuple[str, ...]
    has_locustfile: bool
    web: bool = False
    distributed: Distributed | None = None
    pace: PaceOrder = AS_USERS_COME


async def run_load(ordered: LoadOrder, watcher: Watcher) -> Run:
    """Serve the target, put it under load, judge; partial, where it was interrupted.

    Raises NeverblockError where nothing at all can be measured.
    """
    order = ordered.order
    log = begun(order, watcher)
    with log.closing():
        async with serve_target(order, log, numbered=True) as served:
            options = await _options(ordered, served, log)
            if order.probed:
                await control(served.rig, log)
                log.note_probe(served.observer)
            await _make(replace(ordered, options=options), served, log)
            log.watcher.on_phase("stopping servers")
    return log.run


async def _options(ordered: LoadOrder, served: Served, log: Log) -> tuple[str, ...]:
    """Give Locust's options, with a locustfile made for them where they name none."""
    if ordered.has_locustfile:
        return ordered.options
    found = await _found(ordered.order, served, log)
    log.secrets = found.secrets
    log.add(*found.unchecked)
    names = [subject.endpoint.name for subject in found.subjects]
    refuse_unknown_endpoints(ordered.order.config.thresholds, names)
    file = served.rig.traces / "locustfile.py"
    file.write_text(locustfile(found.subjects), encoding="utf-8")
    return ("-f", str(file), *ordered.options)


async def locustfile_of(order: Order, name: str, watcher: Watcher) -> str:
    """Give the locustfile that a load without one is made by; it reads secrets when it is run.

    ``name`` is the file's. Raises NeverblockError where the target does not serve.
    """
    log = begun(order, watcher)
    async with serve_target(order, log) as served:
        found = await _found(order, served, log)
    hide = partial(redact, secrets=found.secrets)
    writer = WithoutSecrets(order.config.variables, found.secrets, hide)
    left_out = [hide(f"{each.method} {each.path}: {each.reason}") for each in found.unchecked]
    return locustfile(found.subjects, name, writer, left_out)


async def _found(order: Order, served: Served, log: Log) -> Endpoints:
    with log.phase("finding endpoints"):
        return await endpoints_of(order, served)


async def _make(ordered: LoadOrder, served: Served, log: Log) -> None:
    """Make the load, and take what came of it into the run, also where it was interrupted."""
    order, observer = ordered.order, served.observer
    records = served.rig.traces / "requests.jsonl"
    host = observer.server.base_url
    traffic = Traffic(
        ordered.options,
        host,
        records,
        web=ordered.web,
        distributed=ordered.distributed,
        pace=ordered.pace,
    )
    await _workers_are_there(order, observer)
    from_s = time.monotonic()
    try:
        with log.phase(f"load, shown at {WEB_URL}" if ordered.web else "load"):
            async with traffic:
                await _until_ended(traffic, order, served, log)
    finally:
        if traffic.requests.made:
            await asyncio.shield(_conclude(traffic, ordered, served, log, from_s))


async def _workers_are_there(order: Order, observer: Observer) -> None:
    """Wait for all processes that a command starts, and for what their probes say first."""
    if order.target.command is not None:
        await asyncio.sleep(WORKERS_APPEAR_S)
    await observer.begun()


async def _until_ended(traffic: Traffic, order: Order, served: Served, log: Log) -> None:
    """Wait for the end of the load, showing how far it is.

    Raises TargetError where the server dies before, UsageError where the load is over the ceiling.
    """
    ration = order.ration
    from_s, progress = time.monotonic(), None
    ended = asyncio.create_task(traffic.ended())
    try:
        while not ended.done():
            await asyncio.wait([ended], timeout=POLL_S)
            if not served.observer.server.alive:
                await asyncio.sleep(POLL_S)  # what broke by that comes home meanwhile
                raise _death(served, traffic)
            served.samples.take(served.observer.pids())
            if progress is None and (begun := traffic.requests.begun):
                progress = Progress(begun["run_time_s"])
            if progress is None or not traffic.requests.made:
                log.watcher.on_step("load", traffic.waiting)
                continue
            for beat, counted in traffic.requests.news():
                progress.add(beat, counted)
            if ration is not None:
                ration.permit(progress.users, progress.requests)
            log.watcher.on_step("load", progress.line(served.observer.longest_s(from_s)))
        await ended
    finally:
        ended.cancel()
        log.watcher.on_step("load", "done")


def _death(served: Served, traffic: Traffic) -> TargetError:
    """Say how the server ended, and what was asked of it then."""
    death, asked = served.observer.server.death(), under_way_at_death(traffic.requests)
    more = f", and {len(asked) - NAMED} more" if len(asked) > NAMED else ""
    under_way = f" Under way was {', '.join(asked[:NAMED])}{more}." if asked else ""
    return TargetError(f"{death.what}{under_way}", death.hint)


async def _conclude(
    traffic: Traffic, ordered: LoadOrder, served: Served, log: Log, from_s: float
) -> None:
    """Judge what was recorded, and take it into the run."""
    order = ordered.order
    observer = served.observer
    with log.phase("judging"):
        to_s = time.monotonic()
        await observer.settled(to_s)
        requests = traffic.requests
        burst = requests.burst()
        began_s = burst.at_s if burst else from_s
        trace = await asyncio.to_thread(observer.seen, began_s, to_s)
        clocks = requests.clocks()
        generators = generators_of(
            requests.events(),
            from_s=from_s,
            cut_short=traffic.cut_short,
            jumped=[worker for worker, clock in clocks.items() if clock.jumped],
        )
        seen = LoadSeen(
            requests=await asyncio.to_thread(Singles, requests),
            seconds=requests.seconds(),
            beats=tuple(requests.beats()),
            stalls=observer.caused(began_s, to_s),
            trace=trace,
            control=log.run.control,
            generators=generators,
            unsure_s=requests.unsure_s,
            arrival_rate_per_s=ordered.pace.rate_per_s,
            states=observer.states(from_s, to_s),
            samples=served.samples.taken,
            burst=burst,
        )
        app_dir = order.target.app_dir
        locate, name_file = partial(_located, app_dir=app_dir), partial(relative, app_dir=app_dir)
        load = await asyncio.to_thread(load_of, seen, log.run.criterion, locate, name_file)
        if ordered.has_locustfile and requests.begun is not None:
            load = replace(load, locustfile=requests.begun["locustfile"])
        log.run = replace(log.run, load=held_to(order.config.thresholds, load))
        log.publish()


def _located(found: LoadFinding, app_dir: Path) -> LoadFinding:
    """Give a finding with its source, its files relative to the app, and the change that helps."""
    return located_with_fix(found, find_code(found.code).diagnosis, app_dir)
