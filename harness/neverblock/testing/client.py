"""The measuring process as a test session sees it: started when needed, one burst at a time."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Self

from neverblock.errors import EngineError
from neverblock.target.processes import own_group
from neverblock.testing.job import NoReply
from neverblock.testing.machine_lock import one_at_a_time

if TYPE_CHECKING:
    from types import TracebackType

    from neverblock.result import Run
    from neverblock.testing.job import Job, Reply

STOP_TIMEOUT_S = 10.0


class MeasuringProcess:
    """Started by the first job and ended with the context; jobs are done one after another.

    Sessions that run side by side (pytest-xdist) take turns, by a lock of the machine's. ``runs``
    are what was measured so far: one run, and one more for each time that it had to start again.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self.runs: list[Run] = []
        self._earlier = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Give the process, which is started when there is something to measure."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it, and with it every server that it started."""
        self._stop()

    def measure(self, job: Job) -> Reply:
        """Have one endpoint measured. Raises EngineError where the process ended instead."""
        with one_at_a_time():
            try:
                reply = self._exchange(self._process or self._start(), job)
            except BaseException as error:
                # A reply that nobody waits for any more must not be taken for the next job's.
                self._stop()
                if isinstance(error, EOFError | OSError | pickle.UnpicklingError):
                    raise EngineError(
                        "The measuring process ended in the middle of its work.",
                        "What it said stands in pytest's captured standard error (-s shows it).",
                    ) from error
                raise
        if isinstance(reply, NoReply):
            self._stop()
            raise EngineError(reply.what, reply.hint)
        self.runs[self._earlier :] = [reply.run]
        return reply

    @staticmethod
    def _exchange(process: subprocess.Popen[bytes], job: Job) -> Reply | NoReply:
        assert process.stdin  # noqa: S101 - both are pipes
        assert process.stdout  # noqa: S101 - the same
        pickle.dump(job, process.stdin)
        process.stdin.flush()
        reply: Reply | NoReply = pickle.load(process.stdout)  # noqa: S301 - from our own child
        return reply

    def _start(self) -> subprocess.Popen[bytes]:
        """Start it: it finds modules where this process does, and ends when its input does."""
        self._earlier = len(self.runs)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "neverblock.testing.worker"],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "PYTHONSAFEPATH": "1",  # a folder here that is called neverblock is not ours
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **own_group(),  # Ctrl-C is pytest's own to hear
        )
        return self._process

    def _stop(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        with process:
            try:
                process.communicate(timeout=STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
