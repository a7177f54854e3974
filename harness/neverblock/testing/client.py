"""The measuring process as a test session sees it: started when needed, one burst at a time."""

from __future__ import annotations

import fcntl
import os
import pickle
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from neverblock.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator
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
        self.runs[self._earlier :] = [reply.run]
        return reply

    @staticmethod
    def _exchange(process: subprocess.Popen[bytes], job: Job) -> Reply:
        assert process.stdin  # noqa: S101 - both are pipes
        assert process.stdout  # noqa: S101 - the same
        pickle.dump(job, process.stdin)
        process.stdin.flush()
        reply: Reply = pickle.load(process.stdout)  # noqa: S301 - from our own child
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
            process_group=0,  # Ctrl-C is pytest's own to hear
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


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other session of this user measures on this machine."""
    path = Path(tempfile.gettempdir()) / f"neverblock-{os.getuid()}.lock"
    try:
        file = path.open("a")
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        raise EngineError(
            f"The lock '{path}' cannot be used: {error.strerror}.",
            "Sessions that run side by side take turns by it: remove it, or set TMPDIR.",
        ) from error
    with file:
        yield
