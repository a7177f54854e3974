"""The measuring process as a test session sees it: started when needed, one burst at a time."""

from __future__ import annotations

import fcntl
import os
import pickle
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from harness.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from harness.testing.job import Job, Reply

STOP_TIMEOUT_S = 10.0


class MeasuringProcess:
    """Started by the first job and ended with the context; jobs are done one after another.

    Sessions that run side by side (pytest-xdist) take turns, by a lock of the machine's.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
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
        if self._process is None:
            return
        with suppress(BrokenPipeError):
            self._stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stdout.close()

    def measure(self, job: Job) -> Reply:
        """Have one endpoint measured. Raises EngineError where the process ended instead."""
        with one_at_a_time():
            if self._process is None:
                self._start()
            try:
                pickle.dump(job, self._stdin)
                self._stdin.flush()
                reply: Reply = pickle.load(self._stdout)  # noqa: S301 - from our own child
            except (EOFError, OSError, pickle.UnpicklingError) as error:
                raise EngineError(
                    "The measuring process ended in the middle of its work.",
                    "What it said stands above, in pytest's captured standard error (-s shows it).",
                ) from error
        return reply

    def _start(self) -> None:
        self._process = subprocess.Popen(
            # no leash: it would be bound to this thread, and the end of its input ends it as well
            [sys.executable, "-m", "harness.testing.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin  # noqa: S101 - both are pipes
        assert self._process.stdout  # noqa: S101 - the same
        self._stdin, self._stdout = self._process.stdin, self._process.stdout


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other session of this user measures on this machine."""
    path = Path(tempfile.gettempdir()) / f"neverblock-{os.getuid()}.lock"
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
