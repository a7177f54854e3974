"""The measuring process of a test session: ``python -m harness.testing.worker``.

It fires and watches from a process of its own, so that the client does not share the GIL with the
app that it measures. Jobs come pickled on standard input and replies go out on standard output;
the end of its input is the end of it, and of every server that it started.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from harness.apparatus import Apparatus, control, set_up
from harness.attached import AttachedServer
from harness.check import GATHER
from harness.errors import NeverblockError
from harness.lane import LaneRun
from harness.machine import allow_open_files, environment, installed, usable_cpus
from harness.model import Endpoint
from harness.noise import NoiseMeter
from harness.observe import Observer
from harness.plan import Plan, Subject, Target
from harness.probe.config import CANARY_PATH
from harness.probed import probed_server
from harness.result import Criterion, Result, Run
from harness.runlog import Log, Watcher
from harness.testing.job import Elsewhere, Here, Job, Reply

if TYPE_CHECKING:
    from pathlib import Path


class Bench:
    """The apparatus of a session, and the servers that were started for it so far."""

    def __init__(self, apparatus: Apparatus, log: Log, stack: AsyncExitStack) -> None:
        """Take what runs already, and what stops at the end whatever is started here."""
        self._apparatus = apparatus
        self._log = log
        self._stack = stack
        self._observers: dict[Elsewhere, Observer] = {}

    async def measure(self, job: Job) -> Result:
        """Measure and judge one endpoint. Raises NeverblockError where it cannot be."""
        observer = await self._observer(job.target, job.app_dir)
        limits = job.limits
        plan = Plan(
            target=Target(job.name, job.app_dir),
            lanes=(),
            scenarios=(replace(GATHER, n=limits.n),),
            criterion=Criterion(loop_limit_s=limits.loop_limit_s),
            deadline_s=limits.deadline_s,
        )
        lane = LaneRun(
            plan,
            observer,
            self._apparatus,
            lambda _: None,
            usable_cpus(),
        )
        subject = Subject(Endpoint(job.name, job.request.method, job.request.path), job.request)
        async for found in lane.results((subject,)):
            self._log.add(found)
        return self._log.run.results[-1]

    async def _observer(self, target: Here | Elsewhere, app_dir: Path) -> Observer:
        if isinstance(target, Here):
            return Observer(
                AttachedServer(target.base_url, target.pid), target.trace_dir, CANARY_PATH
            )
        if target not in self._observers:
            trace_dir = self._apparatus.traces / f"{len(self._observers)}"
            served = Target(target.app, app_dir, factory=target.factory)
            server = probed_server(served, target.app, trace_dir, {})
            await self._stack.enter_async_context(server)
            self._observers[target] = Observer(server, trace_dir, CANARY_PATH)
        return self._observers[target]


async def serve(jobs: BinaryIO, replies: BinaryIO) -> None:
    """Do one job after another until there are no more."""
    allow_open_files()
    log = Log(Watcher(lambda _: None, lambda *_: None, lambda _: None), begin())
    meter = NoiseMeter()
    async with AsyncExitStack() as stack:
        apparatus = await stack.enter_async_context(set_up((), "auto", log))
        await control(apparatus, log)
        bench = Bench(apparatus, log, stack)
        while (job := await asyncio.to_thread(next_job, jobs)) is not None:
            result, error = None, None
            try:
                result = await bench.measure(job)
            except NeverblockError as failure:
                error = failure
            noise = meter.read(log.run.results)
            run = replace(log.run, environment={**environment(), "noise": noise})
            pickle.dump(Reply(run, result, error), replies)
            replies.flush()


def next_job(jobs: BinaryIO) -> Job | None:
    """Wait for a job; None where there will be no more."""
    try:
        job: Job = pickle.load(jobs)  # noqa: S301 - from the process that started this one
    except EOFError:
        return None
    return job


def begin() -> Run:
    """Give the run of a session before anything is measured."""
    return Run(
        tool_version=installed("neverblock") or "unknown",
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        duration_s=0.0,
        target="pytest",
        scale=1.0,
        criterion=Criterion(),
        environment=environment(),
        results=(),
    )


def main() -> None:
    """Keep standard output for the replies; whatever else is printed goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asyncio.run(serve(sys.stdin.buffer, replies))


if __name__ == "__main__":
    main()
