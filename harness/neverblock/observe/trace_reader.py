"""Reads the traces of probed servers in the harness, while the servers live or after."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from neverblock.measurement import Executors, LoopTrace, Pool
from neverblock.model import LoopState
from neverblock.observe.looks import stood
from neverblock.observe.worker_trace import CausedStalls, WorkerTrace, most_at_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from neverblock.measurement import Frame

_POLL_S = 0.02
"""How often to check whether the loop is idle."""
_DUE_POLL_S = 0.005
"""The same once the report that says so is due."""

_UNTOLD = "the probe did not report any marks"


class TraceReader:
    """Turns the trace files in a folder into what the probe saw between two instants."""

    def __init__(self, trace_dir: str | Path, *, brief: bool = False) -> None:
        """Take the folder named in the servers' ``ProbeConfig.trace_dir``.

        A ``brief`` reader keeps no more of a load for hours than of one for minutes.
        """
        self._folder = Path(trace_dir)
        self._brief = brief
        self._workers: dict[Path, WorkerTrace] = {}

    @property
    def reported_s(self) -> float:
        """Until when every living worker has reported; 0 without workers."""
        self._read()
        return min((w.ticks[-1].at_s if w.ticks else 0.0 for w in self._alive()), default=0.0)

    def window(self, from_s: float, to_s: float) -> LoopTrace:
        """Give what overlaps the time between two readings of the monotonic clock.

        It is not armed, with a complaint, where a worker did not report for the whole window; so
        wait for ``settled`` first. Workers that ended before the window do not count.
        """
        self._read()
        workers = [
            worker
            for worker in self._workers.values()
            if worker.alive or (worker.ticks and worker.ticks[-1].at_s >= from_s)
        ]
        stalls = [
            stall
            for worker in workers
            for stall in worker.stalls.values()
            if stall.start_s < to_s and stall.start_s + stall.length_s > from_s
        ]
        complaint = _complaint(workers, from_s, to_s)
        armed = next((worker.armed for worker in workers if worker.armed), None)
        ticks = [t for worker in workers for t in worker.ticks if from_s <= t.at_s <= to_s]
        return LoopTrace(
            from_s=from_s,
            to_s=to_s,
            armed=bool(workers) and all(w.armed and w.covers(from_s, to_s) for w in workers),
            loop=armed["loop"] if armed else None,
            pids=tuple(sorted(worker.pid for worker in workers)),
            recycled=sum(worker.ended for worker in workers),
            at_once=most_at_once(workers),
            stalls=tuple(sorted(stalls, key=lambda stall: stall.start_s)),
            executors=_worst(tick.executors for tick in ticks),
            gc_s=sum(worker.grown("gc_s", from_s, to_s) for worker in workers),
            loop_cpu_s=sum(worker.grown("loop_cpu_s", from_s, to_s) for worker in workers),
            endpoint=_last_served(workers, to_s),
            complaint=complaint,
            gil=armed.get("gil", True) if armed else True,
            beats=int(sum(worker.grown("beats", from_s, to_s) for worker in workers)),
            process_cpu_s=sum(worker.grown("process_cpu_s", from_s, to_s) for worker in workers),
            busy_s=sum(worker.grown("busy_s", from_s, to_s) for worker in workers),
            starved_s=sum(worker.grown("starved_s", from_s, to_s) for worker in workers),
            pools=_pools([worker.used(from_s, to_s) for worker in workers]),
            **stood((worker.frames, worker.looked(from_s, to_s)) for worker in workers),
        )

    def place(self) -> dict[str, str]:
        """Give the tier of the first probe (how much it can see there), and the Python it is in.

        With ``gil`` where that has none. Empty before it has begun.
        """
        self._read()
        armed = next((worker.armed for worker in self._workers.values() if worker.armed), None)
        if armed is None:
            return {}
        gil = {} if armed.get("gil", True) else {"gil": "none"}
        return {"tier": armed["tier"], "python": armed["python"], **gil}

    def ran(self, from_s: float, to_s: float) -> dict[int, int] | None:
        """Give how often each marked line ran between two instants, by its number.

        None where that is not known: see ``marking_complaint``.
        """
        if self.marking_complaint() is not None:
            return None
        return dict(
            sum((Counter(w.ran(from_s, to_s)) for w in self._workers.values()), start=Counter())
        )

    def spent(self, from_s: float, to_s: float) -> dict[int, tuple[int, float]]:
        """Give of how many runs of each marked line the end was seen, and their CPU seconds."""
        self._read()
        total: dict[int, tuple[int, float]] = {}
        for worker in self._workers.values():
            for number, (ended, spent_s) in worker.spent(from_s, to_s).items():
                others, others_s = total.get(number, (0, 0.0))
                total[number] = ended + others, spent_s + others_s
        return total

    def ran_at_least(self) -> frozenset[int]:
        """Give the numbers of the marked lines that ran more often than was counted."""
        self._read()
        told = [worker.marks[-1].at_least for worker in self._workers.values() if worker.marks]
        return frozenset().union(*told)

    def marking_complaint(self) -> str | None:
        """Say why runs of marked lines are not counted; None where they are."""
        self._read()
        workers = self._workers.values()
        told = [worker.marks[-1].complaint if worker.marks else _UNTOLD for worker in workers]
        return next((each for each in told if each is not None), None if told else _UNTOLD)

    def caused(self, from_s: float, to_s: float) -> CausedStalls:
        """Give the stalls that began between two instants, each with the requests that ran in it.

        The probe knows them where it numbers requests.
        """
        self._read()
        return CausedStalls(tuple(self._workers.values()), from_s, to_s)

    def longest_s(self, from_s: float) -> float:
        """Give the longest stall so far of those that began after an instant."""
        self._read()
        return max((worker.longest_s(from_s) for worker in self._workers.values()), default=0.0)

    def states(self, from_s: float, to_s: float) -> tuple[LoopState, ...]:
        """Give what each worker had at the instants between two at which it reported."""
        self._read()
        return tuple(
            LoopState(
                tick.at_s,
                worker.pid,
                tick.in_flight,
                tick.executors.anyio_borrowed + tick.executors.default_busy,
                tick.executors.anyio_waiting + tick.executors.default_queued,
                tick.tasks,
            )
            for worker in self._workers.values()
            for tick in worker.ticks
            if from_s <= tick.at_s <= to_s
        )

    def told_s(self, of_s: float) -> float | None:
        """Give when each living worker had told all until an instant; None while one has not."""
        self._read()
        told = [
            next((tick.at_s for tick in worker.ticks if tick.alive_s >= of_s), None)
            for worker in self._alive()
        ]
        return max((at_s for at_s in told if at_s is not None), default=None) if all(told) else None

    def workers(self) -> int:
        """Give how many processes serve and live, as far as their probes reported."""
        self._read()
        return sum(bool(worker.ticks) for worker in self._alive())

    def in_flight(self) -> dict[int, int]:
        """Give how many requests each worker has in flight, by its process id."""
        self._read()
        return {w.pid: w.ticks[-1].in_flight for w in self._workers.values() if w.ticks}

    @property
    def watched(self) -> frozenset[int]:
        """The system's ids of the probe's own threads and of the loops' that it watches."""
        armed = (w.armed for w in self._workers.values() if w.armed)
        return frozenset(thread for record in armed for thread in record["watched"])

    async def begun(self, *, timeout_s: float) -> bool:
        """Wait until every living worker has reported once; False on time-out."""
        give_up_s = time.monotonic() + timeout_s
        while True:
            await asyncio.to_thread(self._read)
            alive = self._alive()
            if alive and all(worker.ticks for worker in alive):
                return True
            if time.monotonic() >= give_up_s:
                return False
            await asyncio.sleep(_DUE_POLL_S)

    async def settled(
        self,
        after_s: float,
        *,
        quiet_s: float,
        timeout_s: float,
        stuck: Mapping[int, int] = MappingProxyType({}),
    ) -> bool:
        """Wait until every worker was idle for ``quiet_s`` after ``after_s``; False on time-out.

        Idle is: nothing in flight but what was ``stuck`` before, no stall, and the loop turning.
        """
        give_up_s = time.monotonic() + timeout_s
        while True:
            await asyncio.to_thread(self._read)  # the client's loop is what measures
            alive = self._alive()
            since = [w.quiet_since_s(after_s, stuck.get(w.pid, 0)) for w in alive]
            now, pause_s = time.monotonic(), _POLL_S
            idle = [start_s for start_s in since if start_s is not None]
            if alive and len(idle) == len(alive):
                quiet_at_s = max(idle) + quiet_s
                # By the sign of life: a report may come while the loop is blocked.
                if min(worker.ticks[-1].alive_s for worker in alive) >= quiet_at_s:
                    return True
                pause_s = max(_DUE_POLL_S, quiet_at_s - now)
            if now >= give_up_s:
                return False
            await asyncio.sleep(min(pause_s, max(0.0, give_up_s - now)))

    def _alive(self) -> list[WorkerTrace]:
        return [worker for worker in self._workers.values() if worker.alive]

    def _read(self) -> None:
        for path in sorted(self._folder.glob("*.jsonl")):
            self._workers.setdefault(path, WorkerTrace(path, brief=self._brief)).read()


def _complaint(workers: list[WorkerTrace], from_s: float, to_s: float) -> str | None:
    """Say in one sentence why a window cannot be trusted, or what the probe cannot see."""
    if not workers:
        return "No server process reported: the probe did not start."
    for worker in workers:
        if not worker.alive and not worker.ended and not worker.covers(from_s, to_s):
            return f"Server process {worker.pid} died: what its probe saw last is lost."
        if not worker.armed:
            return f"The probe in process {worker.pid} did not arm."
        if worker.failed:
            return f"The probe in process {worker.pid} failed: {worker.failed}"
        if not worker.covers(from_s, to_s):
            return f"The probe in process {worker.pid} did not report for the whole measurement."
    said = (worker.armed["complaint"] for worker in workers if worker.armed)
    return next((complaint for complaint in said if complaint), None)


def _pools(workers: Iterable[Mapping[str, Pool]]) -> tuple[Pool, ...]:
    """Give the pools that were used, each by the worker in which it was used the most."""
    worst: dict[str, Pool] = {}
    for pools in workers:
        for name, pool in pools.items():
            if pool.held_s > 0 and pool.held_s > (worst[name].held_s if name in worst else 0.0):
                worst[name] = pool
    return tuple(worst.values())


def _last_served(workers: list[WorkerTrace], to_s: float) -> Frame | None:
    """Give the definition of the endpoint that answered last before an instant."""
    served = [each for w in workers for each in w.endpoints if each[0] <= to_s]
    return max(served, key=lambda each: each[0])[1] if served else None


def _worst(states: Iterable[Executors]) -> Executors:
    """Give the state in which most requests waited for a thread, pool by pool."""
    every = list(states)
    if not every:
        return Executors()
    limiter = max(every, key=lambda state: (state.anyio_waiting, state.anyio_borrowed))
    default = max(every, key=lambda state: (state.default_queued, state.default_busy))
    return Executors(
        anyio_tokens=limiter.anyio_tokens,
        anyio_borrowed=limiter.anyio_borrowed,
        anyio_waiting=limiter.anyio_waiting,
        default_threads=default.default_threads,
        default_busy=default.default_busy,
        default_queued=default.default_queued,
    )
