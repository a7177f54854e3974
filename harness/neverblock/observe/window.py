"""One window of observation: the canary, the probe, the server's CPU and the machine around it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from neverblock.observe.canary import INTERVAL_S, Canary
from neverblock.observe.cgroup import groups_of, throttled_s
from neverblock.observe.machine import MachineMeter, usable_cpus
from neverblock.observe.trace_reader import TraceReader
from neverblock.observe.worker_trace import BEGIN_S

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from neverblock.causes import CausedStall
    from neverblock.measurement import LoopTrace
    from neverblock.model import LoopState, Machine, Ping
    from neverblock.target.served import Served

QUIET_S = 0.06
"""How long the loop must have been idle before a window closes, so that it has background tasks."""

BRIEF_QUIET_S = 0.03
"""The same for an endpoint without stalls in the window before; see ``quiet_after``."""

SETTLE_S = 10.0
"""How long a window waits for that at most, in seconds."""


def quiet_after(trace: LoopTrace | None) -> float:
    """Give how long a window must have been quiet at its end, in seconds, after an earlier one.

    An endpoint that blocked the loop may block it again in a task that outlives the request, and
    that must not fall into the window of another endpoint.
    """
    return BRIEF_QUIET_S if trace is not None and not trace.stalls else QUIET_S


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen beside the requests; ``trace`` and CPU are None without a probe."""

    pings: tuple[Ping, ...]
    trace: LoopTrace | None
    server_cpu_s: float | None
    machine: Machine


class Observer:
    """Watches one server from enter to exit of ``window``; knows where its probe writes."""

    def __init__(
        self, server: Served, trace_dir: Path | None, canary_path: str, *, brief: bool = False
    ) -> None:
        """Take a running server, the folder of its probe's traces if any, and its cheap path.

        A ``brief`` one may watch for hours, and has of the stalls the last in what it has ``seen``.
        """
        self.server = server
        self.canary_path = canary_path
        self.canary_interval_s = INTERVAL_S
        self.pings = 0
        self._reader = None if trace_dir is None else TraceReader(trace_dir, brief=brief)

    @property
    def probed(self) -> bool:
        """Whether a probe is in the server."""
        return self._reader is not None

    def cpus(self) -> float:
        """Give the cores that the server may use; of one elsewhere, those of this process."""
        return usable_cpus(self.server.pid)

    def count_ping(self) -> None:
        """Count a request for the cheap path that is about to be sent."""
        self.pings += 1

    def workers(self) -> int:
        """Give how many processes serve, as far as their probes reported."""
        return self._reader.workers() if self._reader else 0

    def place(self) -> dict[str, str]:
        """Give the tier of the probe, and the Python that it is in; empty until it says so."""
        return self._reader.place() if self._reader else {}

    def seen(self, from_s: float, to_s: float) -> LoopTrace | None:
        """Give what the probe has reported of a stretch of the past; None without a probe."""
        return self._reader.window(from_s, to_s) if self._reader else None

    def caused(self, from_s: float, to_s: float) -> Iterable[CausedStall]:
        """Give the stalls of a stretch of the past with their requests; none without a probe.

        They are read anew each time that they are gone through.
        """
        return self._reader.caused(from_s, to_s) if self._reader else ()

    def longest_s(self, from_s: float) -> float | None:
        """Give the longest stall since an instant, in seconds; None without a probe."""
        return self._reader.longest_s(from_s) if self._reader else None

    def states(self, from_s: float, to_s: float) -> tuple[LoopState, ...]:
        """Give what the loops had in a stretch of the past; none without a probe."""
        return self._reader.states(from_s, to_s) if self._reader else ()

    def told_s(self, of_s: float) -> float | None:
        """Give when the probe had told all until an instant; None while it has not."""
        return self._reader.told_s(of_s) if self._reader else None

    def pids(self) -> tuple[int, ...]:
        """Give the processes that serve, as far as their probes reported."""
        return tuple(self._reader.in_flight()) if self._reader else ()

    async def begun(self) -> None:
        """Wait until the probe of every worker has begun to report, if it does at all."""
        if self._reader is not None:
            await self._reader.begun(timeout_s=BEGIN_S)

    async def settled(self, after_s: float) -> bool:
        """Wait until all workers have been idle since an instant; see ``TraceReader.settled``."""
        if self._reader is None:
            return True
        return await self._reader.settled(after_s, quiet_s=QUIET_S, timeout_s=SETTLE_S)

    def seen_so_far(self) -> LoopTrace | None:
        """Give all that the probe has reported since the server started; None without a probe."""
        return self.seen(0.0, time.monotonic())

    def ran(self, from_s: float, to_s: float) -> dict[int, int] | None:
        """Give how often each marked line ran between two instants; None where nobody counted."""
        return self._reader.ran(from_s, to_s) if self._reader else None

    def spent(self, from_s: float, to_s: float) -> dict[int, tuple[int, float]]:
        """Give of how many runs of each marked line the end was seen, and their CPU seconds."""
        return self._reader.spent(from_s, to_s) if self._reader else {}

    def ran_at_least(self) -> frozenset[int]:
        """Give the numbers of the marked lines that ran more often than was counted."""
        return self._reader.ran_at_least() if self._reader else frozenset()

    def marking_complaint(self) -> str | None:
        """Say why nobody counted, as the probe says it; None where it did."""
        return self._reader.marking_complaint() if self._reader else "there is no probe"

    async def settle(self) -> None:
        """Wait until the loop is quiet, and what ran so far is in the trace."""
        if self._reader:
            await self._reader.settled(time.monotonic(), quiet_s=QUIET_S, timeout_s=SETTLE_S)

    def window(self, quiet_s: float = QUIET_S) -> Window:
        """Give a window that ends once the server was quiet for ``quiet_s`` seconds."""
        canary = Canary(self.server.base_url, self.canary_path, on_ping=self.count_ping)
        return Window(self.server, self._reader, canary, quiet_s)


class Window:
    """An async context manager; after exit ``observed`` is what was seen."""

    observed: Observed

    def __init__(
        self, server: Served, reader: TraceReader | None, canary: Canary, quiet_s: float
    ) -> None:
        """Take what to watch and by which canary, and how long it must be quiet at the end."""
        self._quiet_s = quiet_s
        self._server = server
        self._reader = reader
        self._canary = canary

    async def __aenter__(self) -> Self:
        """Start the canary and read the clocks, once the probe has begun to report."""
        if self._reader:
            await self._reader.begun(timeout_s=BEGIN_S)
        await self._canary.__aenter__()
        self._stuck = self._reader.in_flight() if self._reader else {}
        self._meter = MachineMeter()
        self._client_cpu_s = time.process_time()
        self._throttled_s = self._throttled_so_far_s()
        self._usage = self._server.usage()
        self._from_s = time.monotonic()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        """Stop the canary, wait for the loop to be quiet, and gather what was seen."""
        ended_s = time.monotonic()
        before, now = self._usage, self._server.usage()
        client_cpu_s = time.process_time() - self._client_cpu_s
        server_cpu_s = starved_s = None
        if before and now:
            server_cpu_s = now.cpu_since(before)
            starved_s = now.starved_since(before, self._reader.watched if self._reader else ())
        before_s, now_s = self._throttled_s, self._throttled_so_far_s()
        grown_s = None if before_s is None or now_s is None else now_s - before_s
        machine = self._meter.read(server_cpu_s, client_cpu_s, starved_s, grown_s)
        await self._canary.__aexit__(kind, None, None)
        if kind is None:
            trace = await self._trace(self._reader, ended_s) if self._reader else None
            self.observed = Observed(self._canary.pings, trace, server_cpu_s, machine)

    def _throttled_so_far_s(self) -> float | None:
        """Give for how long the server's control group was throttled so far, if known."""
        pid = self._server.pid
        return None if pid is None else throttled_s(groups_of(pid))

    async def _trace(self, reader: TraceReader, ended_s: float) -> LoopTrace:
        """Wait until the loop is quiet, and give what the probe saw of the window."""
        settled = self._server.alive and await reader.settled(
            ended_s, quiet_s=self._quiet_s, timeout_s=SETTLE_S, stuck=self._stuck
        )
        until_s = max(ended_s, reader.reported_s)
        trace = await asyncio.to_thread(reader.window, self._from_s, until_s)
        if not settled:
            # An app with tasks of its own may never be quiet: reported, but still judged.
            complaint = trace.complaint or f"the loop was not quiet {SETTLE_S:g} s after the last"
            trace = replace(trace, complaint=complaint)
        return trace
