"""How much a user's app can take, what limits it, and the proof: one endpoint after another."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neverblock.analysis.capacity.against import against
from neverblock.analysis.capacity.conclude import Facts, conclude, unmeasured
from neverblock.analysis.capacity.plateau import watched
from neverblock.analysis.capacity.proof import NOT_ASKED
from neverblock.errors import NeverblockError
from neverblock.load.closed_loop import ClosedLoop
from neverblock.load.gc_off import gc_off
from neverblock.model import Request
from neverblock.observe.window import Observer
from neverblock.probe.config import CANARY_PATH
from neverblock.result import Result
from neverblock.run.asked import Asked
from neverblock.run.at_rest import at_rest
from neverblock.run.capacity_arrivals import with_arrivals
from neverblock.run.capacity_proof import Prover
from neverblock.run.each_endpoint import rationed
from neverblock.run.log import Watcher
from neverblock.run.rig import control
from neverblock.run.served import begun, endpoints_of, insist_on_one_worker, serve_target
from neverblock.run.sweep import LEAST_S, Sweep
from neverblock.run.trials import Trials
from neverblock.storage.source_lines import relative

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from neverblock.measurement import Measurement
    from neverblock.plan import Subject
    from neverblock.result import Run
    from neverblock.result.capacity import Capacity, Level
    from neverblock.run.capacity_order import CapacityOrder
    from neverblock.run.log import Log
    from neverblock.run.order import Order
    from neverblock.run.served import Served

GENERATOR_N = 16
"""So many users keep both the generator and the null app busy all the time."""

WATCHED = 3
"""After a sweep, so many of its levels are asked for once more while the probe watches."""

BLOCKS = "▁▂▃▄▅▆▇█"


async def run_capacity(ordered: CapacityOrder, watcher: Watcher) -> Run:
    """Serve the target and measure the ceiling of each endpoint; partial, where it was interrupted.

    Raises NeverblockError where nothing at all can be measured.
    """
    order = ordered.order
    log = begun(order, watcher)
    with log.closing():
        async with AsyncExitStack() as stack:
            served = await stack.enter_async_context(serve_target(order, log))
            with log.phase("finding endpoints"):
                asked = await _asked(ordered, served, log)
            log.watcher.on_total(len(asked))
            if ordered.order.probed:
                await control(served.rig, log)
            log.note_probe(served.observer)
            generator = 0.0
            if not ordered.mix:
                with log.phase("the generator alone"), gc_off:
                    generator = await _generator(served)
            head = EachCapacity(ordered, served, log, generator, asked)
            base = None
            if ordered.base is not None:
                base = await stack.enter_async_context(_base(ordered, ordered.base, log, generator))
            for name in asked:
                await add(name, head, base)
            log.watcher.on_step("capacity", "done")
            log.watcher.on_phase("stopping servers")
    return log.run


async def _asked(ordered: CapacityOrder, served: Served, log: Log) -> dict[str, Asked]:
    """Give what is asked how much it can take, by its name; raises as ``find`` does."""
    await insist_on_one_worker(ordered.order, served)
    if ordered.mix:
        mix = Asked(ordered.mix_name, None, ordered.mix)
        return {mix.name: mix}
    found = await endpoints_of(ordered.order, served)
    log.secrets = found.secrets
    log.add(*found.unchecked)
    return {one.endpoint.name: Asked(one.endpoint.name, one) for one in found.subjects}


async def _generator(served: Served) -> float:
    """Give how many requests a second the generator gets answered by an app that does nothing."""
    null = served.rig.null
    observer = Observer(null, served.rig.traces / "null", CANARY_PATH)
    request = Request("GET", "/")
    async with (
        at_rest(observer),
        ClosedLoop([null.base_url], request, CANARY_PATH, 30.0) as crowd,
    ):
        sweep = Sweep(crowd, [observer], time.monotonic(), lambda _: None, most_s=LEAST_S)
        level = await sweep.measure(GENERATOR_N)
    return level.rate_per_s


@asynccontextmanager
async def _base(
    ordered: CapacityOrder, base: Order, log: Log, generator_per_s: float
) -> AsyncIterator[EachCapacity]:
    """Serve another state of the app beside the first; what it says of itself goes nowhere.

    Raises NeverblockError, which says that it is of the base.
    """
    nothing = begun(base, Watcher(lambda _: None, log.watcher.on_step, lambda _: None))
    async with AsyncExitStack() as stack:
        try:
            served = await stack.enter_async_context(serve_target(base, nothing))
            brief = replace(ordered, order=base, base=None, prove=False, steady=False)
            asked = await _asked(brief, served, nothing)
        except NeverblockError as error:
            raise type(error)(f"The base: {error.what}", error.hint) from error
        yield EachCapacity(brief, served, nothing, generator_per_s, asked)


async def add(name: str, head: EachCapacity, base: EachCapacity | None) -> None:
    """Measure one endpoint, in the base first where there is one, and take both into the run."""
    log, before = head.log, None
    if base is not None and name in base.asked:
        log.watcher.on_phase(f"{name}, base")
        with log.part("the base"):
            before = await base.capacity_of(base.asked[name])
    log.watcher.on_phase(name)
    capacity = await head.capacity_of(head.asked[name])
    if capacity is None:
        return
    if before is not None:
        capacity = replace(capacity, against=against(before, capacity, head.ordered.least))
    log.run = replace(log.run, capacity=(*log.run.capacity, capacity))
    log.publish()


@dataclass(slots=True)
class EachCapacity:
    """Measures one endpoint after another of one state of the app, of those ``asked`` by name."""

    ordered: CapacityOrder
    served: Served
    log: Log
    generator_per_s: float
    asked: Mapping[str, Asked]
    sent: int = 0

    async def capacity_of(self, asked: Asked) -> Capacity | None:
        """Measure one endpoint; None where it is left out, which the log then says."""
        began_s = time.monotonic()
        found = None
        if asked.subject is not None:
            with self.log.part("one request alone"):
                found = await self._alone(asked.subject)
            if found is None:
                return None
        if isinstance(found, str):
            capacity = unmeasured(asked.name, self.generator_per_s, found)
        else:
            until_s = began_s + self.ordered.for_s
            async with at_rest(self.served.observer):
                with gc_off:
                    capacity = await self._measure(asked, found, until_s)
        return replace(capacity, duration_s=time.monotonic() - began_s)

    async def _alone(self, subject: Subject) -> Measurement | str | None:
        """Give the demands of one request, by a check; why there are none; None where left out."""
        order = self.ordered.order
        plan, rig = replace(order.plan, quick=True), self.served.rig
        if order.ration is not None:
            rig = replace(rig, engines={"gather": rationed(order, [subject], self.served)})
        observer = self.served.observer
        trials = Trials(plan, observer, rig, self._step, observer.cpus(), hide=self.log.hide)
        async for outcome in trials.results((subject,)):
            if not isinstance(outcome, Result):
                self.log.add(outcome)
                return None
            return outcome.measurement or outcome.judgement.reason
        return "it could not be asked"

    def _step(self, what: str) -> None:
        self.log.watcher.on_step("capacity", what)

    def _shown(self, name: str, levels: Sequence[Level]) -> None:
        """Show the curve so far."""
        best = max(level.rate_per_s for level in levels) or 1.0
        curve = "".join(BLOCKS[int(7 * level.rate_per_s / best)] for level in levels)
        last = levels[-1]
        self._step(f"{name}: {curve} {last.rate_per_s:.3g}/s at {last.n} at once")

    def _allows(self, n: int, sent: int) -> bool:
        """Say whether so many users may ask, after so many requests more than were counted."""
        ration = self.ordered.order.ration
        return ration is None or ration.allows(n, self.sent + sent)

    async def _measure(self, asked: Asked, alone: Measurement | None, until_s: float) -> Capacity:
        ordered, order, name = self.ordered, self.ordered.order, asked.name
        observer = self.served.observer
        base_url, canary = observer.server.base_url, observer.canary_path
        async with asked.users([base_url], canary, order.config.deadline_s) as crowd:
            sweep = Sweep(
                crowd,
                [observer],
                until_s,
                lambda levels: self._shown(name, levels),
                kept=WATCHED if observer.probed else 0,
                allows=self._allows,
            )
            with self.log.part("more and more users"):
                plateau = await sweep.rise(ordered.most)
            if not sweep.levels:
                return unmeasured(name, self.generator_per_s, "no level could be measured")
            cpus = observer.cpus()
            at_n = plateau.at_n if plateau else sweep.levels[-1].n
            looked_at = (sweep.levels[0].n, *watched(sweep.levels, at_n))
            self._step(f"{name}: what limits it")
            with self.log.part("what limits them"):
                watching = {n: await sweep.seen(n, cpus) for n in dict.fromkeys(looked_at)}
            seen = [watching[n] for n in looked_at]
        self.sent += crowd.sent
        facts = Facts(
            endpoint=name,
            alone=alone,
            levels=tuple(sweep.levels),
            plateau=plateau,
            ended=sweep.ended,
            one=seen[0],
            at=seen[1],
            beyond=seen[2],
            generator_per_s=self.generator_per_s,
            probed=observer.probed,
        )
        capacity = self._located(conclude(facts))
        if capacity.ceiling_per_s is None or plateau is None or not observer.server.alive:
            return capacity
        if not ordered.prove:
            capacity = replace(capacity, proof=NOT_ASKED)
        elif observer.probed:
            prover = Prover(
                ordered, self.served, asked, capacity, seen[2], self._step, until_s, sweep.longest_s
            )
            with self.log.part("the proof"):
                capacity = replace(capacity, proof=await prover.prove(plateau))
        if ordered.steady and asked.subject is not None:
            with self.log.part("latency at shares of it"):
                capacity = await with_arrivals(
                    capacity,
                    base_url,
                    asked.subject.request,
                    order.config.deadline_s,
                    until_s,
                    self._allows,
                    self._step,
                )
            self.sent += sum(each.requests for each in capacity.arrivals)
        return capacity

    def _located(self, capacity: Capacity) -> Capacity:
        """Give a capacity whose line is written as seen from the app's folder."""
        if (seen := capacity.limit_seen) is None:
            return capacity
        file = relative(seen.file, self.ordered.order.target.app_dir)
        return replace(capacity, limit_seen=replace(seen, file=file))
