"""The measuring process of a test session: ``python -m neverblock.testing.worker``.

It fires and watches from a process of its own, so that the client does not share the GIL with the
app that it measures. Jobs come pickled on standard input and replies go out on standard output;
the end of its input is the end of it, and of every server that it started.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
import threading
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from neverblock.analysis.trial import failed_result
from neverblock.errors import NeverblockError
from neverblock.model import Endpoint
from neverblock.observe.machine import allow_open_files
from neverblock.observe.noise import NoiseMeter
from neverblock.observe.window import Observer
from neverblock.plan import GATHER, Plan, Subject, Target
from neverblock.probe.config import CANARY_PATH
from neverblock.result import Criterion, Result
from neverblock.run.log import Log, Watcher, blank_run
from neverblock.run.rig import Rig, control, set_up
from neverblock.run.trials import Trials
from neverblock.target.attached import AttachedServer
from neverblock.target.interpreter import own_interpreter
from neverblock.target.probed import probed_server
from neverblock.testing.job import Elsewhere, Here, Job, NoReply, Reply

if TYPE_CHECKING:
    from pathlib import Path


class Bench:
    """The rig of a session, and the servers that were started for it so far."""

    def __init__(self, rig: Rig, log: Log, stack: AsyncExitStack) -> None:
        """Take what runs already, and what stops at the end whatever is started here."""
        self._rig = rig
        self._log = log
        self._stack = stack
        self._served: dict[Elsewhere, Observer] = {}
        self._starts = 0

    async def measure(self, job: Job) -> Result:
        """Measure and judge one endpoint; one that cannot be measured is an error."""
        limits = job.limits
        plan = Plan(
            target=Target(job.name, job.app_dir),
            groups=(),
            scenarios=(replace(GATHER, n=limits.n),),
            criterion=Criterion(
                document_limit_s=limits.document_limit_s, loop_limit_s=limits.loop_limit_s
            ),
            deadline_s=limits.deadline_s,
            in_test=True,
        )
        method, _, path = job.name.partition(" ")
        subject = Subject(Endpoint(job.name, method, path), job.request, statuses=job.statuses)
        self._log.secrets |= job.secrets
        try:
            observer = await self._observer(job.target, job.app_dir)
            trials = Trials(
                plan, observer, self._rig, lambda _: None, observer.cpus(), hide=self._log.hide
            )
            (result,) = [each async for each in trials.results((subject,))]
        except NeverblockError as error:
            result = failed_result(subject, plan.scenarios[0], f"{error.what}\n{error.hint}")
        self._log.add(result)
        return self._log.run.results[-1]

    async def _observer(self, target: Here | Elsewhere, app_dir: Path) -> Observer:
        if isinstance(target, Here):
            return Observer(
                AttachedServer(target.base_url, target.pid), target.trace_dir, CANARY_PATH
            )
        if target not in self._served or not self._served[target].server.alive:
            self._starts += 1
            trace_dir = self._rig.traces / f"{self._starts}"
            served = Target(
                target.app,
                app_dir,
                factory=target.factory,
                start_timeout_s=target.start_timeout_s,
            )
            server = probed_server(served, target.app, trace_dir, {})
            await self._stack.enter_async_context(server)
            self._served[target] = Observer(server, trace_dir, CANARY_PATH)
        return self._served[target]


async def serve(jobs: BinaryIO, replies: BinaryIO) -> None:
    """Do one job after another until there are no more; in the middle of one, if need be."""
    allow_open_files()
    watcher = Watcher(lambda _: None, lambda *_: None, lambda _: None)
    log = Log(watcher, blank_run("pytest", Criterion(), own_interpreter()))
    meter = NoiseMeter()
    queue = queued(jobs)
    async with AsyncExitStack() as stack:
        try:
            rig = await stack.enter_async_context(set_up((), "auto", log))
            await control(rig, log)
        except NeverblockError as error:
            await queue.get()
            send(NoReply(error.what, error.hint), replies)
            return
        bench = Bench(rig, log, stack)
        while True:
            result = await bench.measure(await queue.get())
            noise = meter.read(log.run.results)
            run = replace(log.run, environment={**log.run.environment, "noise": noise})
            send(Reply(run, result), replies)


def send(reply: Reply | NoReply, replies: BinaryIO) -> None:
    """Hand a reply over to the session."""
    pickle.dump(reply, replies)
    replies.flush()


def queued(jobs: BinaryIO) -> asyncio.Queue[Job]:
    """Give the jobs as they come in; when there will be no more, this task is cancelled.

    The session closes their stream when it is done, and its end, however it comes, does the same.
    """
    queue: asyncio.Queue[Job] = asyncio.Queue()
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task  # noqa: S101 - called by a task

    def read() -> None:
        with suppress(EOFError):
            while True:
                job: Job = pickle.load(jobs)  # noqa: S301 - from the process that started this one
                loop.call_soon_threadsafe(queue.put_nowait, job)
        loop.call_soon_threadsafe(task.cancel)

    threading.Thread(target=read, name="jobs", daemon=True).start()
    return queue


def main() -> None:
    """Keep standard output for the replies; whatever else is printed goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with suppress(asyncio.CancelledError):
        asyncio.run(serve(sys.stdin.buffer, replies))


if __name__ == "__main__":
    main()
