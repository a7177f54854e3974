"""Move the limit from outside, sweep once more, and see whether the ceiling follows."""

from __future__ import annotations

import os
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx
import psutil

from neverblock.analysis.capacity.conclude import STARVED
from neverblock.analysis.capacity.proof import TOO_LATE, expected, not_tried, proven
from neverblock.observe.machine import affinity, usable_cpus
from neverblock.observe.window import Observer
from neverblock.probe.config import CANARY_PATH, POOLS_PATH
from neverblock.result.capacity import Limit
from neverblock.run.at_rest import at_rest
from neverblock.run.sweep import Sweep
from neverblock.target.probed import probed_server
from neverblock.target.server import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from neverblock.analysis.capacity.limit import Seen
    from neverblock.analysis.capacity.plateau import Plateau
    from neverblock.result.capacity import Capacity, Proof
    from neverblock.run.asked import Asked
    from neverblock.run.capacity_order import CapacityOrder
    from neverblock.run.served import Served

TWICE = 2
"""By so much a limit is moved: whatever is unsure by 5 % follows plainly or stays plainly."""

BY_PROBE = (Limit.ANYIO_TOKENS, Limit.DEFAULT_EXECUTOR)
BY_WORKERS = (Limit.LOOP_WAITING, Limit.LOOP_COMPUTING, Limit.GIL)
AROUND = 2
"""So many levels are measured around where the ceiling should be then."""


@dataclass(slots=True)
class Prover:
    """Moves the limit of one endpoint, in a way that fits it.

    All has to be over at ``until_s``; a level takes up to ``level_s``.
    """

    ordered: CapacityOrder
    served: Served
    asked: Asked
    capacity: Capacity
    beyond: Seen
    step: Callable[[str], None]
    until_s: float
    level_s: float

    async def prove(self, plateau: Plateau) -> Proof:
        """Move the limit and measure again; say how to where it cannot be moved."""
        limit = self.capacity.limit
        if self._is_late():
            return TOO_LATE
        if limit in BY_PROBE:
            size = int(self.capacity.limit_size or 0)
            async with self._pool(limit.value, size):
                return await self._after(plateau, limit.value, (size, TWICE * size), self._here())
        if limit is Limit.CORES:
            return await self._other_cores(plateau)
        if limit in BY_WORKERS:
            return await self._more_workers(plateau)
        return await self._raised(plateau, limit)

    def _is_late(self) -> bool:
        return time.monotonic() + AROUND * self.level_s > self.until_s

    def _here(self) -> list[Observer]:
        return [self.served.observer]

    async def _after(
        self,
        plateau: Plateau,
        moved: str,
        sizes: tuple[float, float],
        observers: Sequence[Observer],
    ) -> Proof:
        """Sweep around where the ceiling should be now, and judge."""
        self.step(f"{self.capacity.endpoint}: {moved} from {sizes[0]:g} to {sizes[1]:g}")
        ratio = sizes[1] / sizes[0]
        above = [each.per_s for each in self.capacity.next]
        wanted = expected(plateau.per_s, ratio, min(above, default=None))
        base_urls = [observer.server.base_url for observer in observers]
        timeout_s = self.ordered.order.config.deadline_s
        if self._is_late():  # it was not, until a second server had been started
            return TOO_LATE
        async with self.asked.users(base_urls, CANARY_PATH, timeout_s) as crowd:
            sweep = Sweep(crowd, observers, self.until_s, lambda _: None)
            at_n = max(1, plateau.at_n * max(1.0, ratio))
            for n in sorted({round(at_n), round(1.6 * at_n) + 1}):
                await sweep.measure(n)
        if (after := sweep.plateau) is None:
            why = f"with {moved} at {sizes[1]:g} nothing was answered well; "
            return not_tried(self.capacity.limit, why)
        busy = sweep.starved(sum(each.cpus() for each in observers)) > STARVED
        return proven(moved, sizes, plateau, after, wanted, busy=busy)

    @asynccontextmanager
    async def _pool(self, name: str, size: int) -> AsyncIterator[None]:
        """Give a pool of threads twice its size while the context lasts."""
        await self._set_pool(name, TWICE * size)
        try:
            yield
        finally:
            await self._set_pool(name, size)

    async def _set_pool(self, name: str, size: int) -> None:
        base_url = self.served.observer.server.base_url
        async with httpx.AsyncClient(base_url=base_url, trust_env=False) as client:
            (await client.post(f"{POOLS_PATH}?{name}={size}")).raise_for_status()

    async def _other_cores(self, plateau: Plateau) -> Proof:
        """Give it all cores there are, or half of its own where it has as many already."""
        pid = self.served.observer.server.pid
        cores = sorted(affinity(pid)) if pid is not None else []
        if pid is None or not cores:
            return not_tried(Limit.CORES, "this system binds no process to a core; ")
        if (quota := usable_cpus(pid)) < len(cores):
            return not_tried(Limit.CORES, f"a quota of {quota:g} cores is used up; ")
        there = sorted(affinity(0))
        others = there if len(there) > len(cores) else cores[: len(cores) // 2]
        if not others:
            return not_tried(Limit.CORES, "there is one core alone; ")
        bind(pid, others)
        try:
            sizes = (float(len(cores)), float(len(others)))
            return await self._after(plateau, "cores", sizes, self._here())
        finally:
            bind(pid, cores)

    async def _more_workers(self, plateau: Plateau) -> Proof:
        """Serve the app by a second process beside the first, and spread the requests."""
        if self.ordered.order.target.command is not None:
            return not_tried(self.capacity.limit, "a command serves the app; ")
        if self.asked.subject is None:
            return not_tried(self.capacity.limit, "Locust asks one host alone; ")
        async with self._second({}) as second:
            observers = [*self._here(), second]
            return await self._after(plateau, "workers", (1.0, float(TWICE)), observers)

    async def _raised(self, plateau: Plateau, limit: Limit) -> Proof:
        """Start the app again with the variable that the configuration names for the limit."""
        raises = self.ordered.order.config.raises
        given = next((raises[name] for name in raises if name in limit.value), None)
        size = self.capacity.limit_size
        if given is None or limit is Limit.UNKNOWN:
            return not_tried(limit)
        name, _, value = given.partition("=")
        target = self.ordered.order.target
        before = target.env.get(name, os.environ.get(name, "")) or (f"{size:g}" if size else "")
        try:
            sizes = float(before), float(value)
        except ValueError:
            why = f"{name} has no number to begin from: set it, say {name}=8, and measure again; "
            return not_tried(limit, why)
        async with self._second({name: value}) as second:
            return await self._after(plateau, name, sizes, [second])

    @asynccontextmanager
    async def _second(self, env: dict[str, str]) -> AsyncIterator[Observer]:
        """Serve the app a second time, with other variables, its probe at rest, meanwhile."""
        target = self.ordered.order.target
        traces = self.served.rig.traces / f"second-{time.monotonic_ns()}"
        server = probed_server(replace(target), target.app, traces, env)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(serving([server], lambda _: None))
            second = Observer(server, traces, CANARY_PATH)
            await stack.enter_async_context(at_rest(second))
            yield second


def bind(pid: int, cores: Sequence[int]) -> None:
    """Bind every thread of a process and of its children to some cores."""
    with_children = [pid]
    try:
        with_children += [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return
    for each in with_children:
        try:
            threads = [thread.id for thread in psutil.Process(each).threads()]
        except psutil.Error:
            continue
        for thread in threads:
            try:
                os.sched_setaffinity(thread, cores)
            except OSError:
                continue
