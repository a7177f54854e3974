"""A load by several Locust processes of this machine, for the tests of what may befall them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from neverblock.analysis.load.generators import generators_of
from neverblock.load.traffic import Distributed, Traffic

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).with_name("plain_locustfile.py")
HERE = ("127.0.0.1", 0)


class Many(Traffic):
    """A load of two processes, of which the test may do what it likes to each."""

    def __init__(
        self,
        url: str,
        folder: Path,
        run_time: str = "9s",
        expected: int = 0,
        max_wait_s: float = 60.0,
    ) -> None:
        """Let eight users loose on a URL."""
        options = ["-f", str(FILE), "-u", "8", "-r", "8", "-t", run_time]
        shared = Distributed(2 - expected, expected, HERE, max_wait_s)
        records = folder / "requests.jsonl"
        super().__init__(options, url, records, distributed=shared)

    @property
    def master(self) -> psutil.Process:
        """Locust's master."""
        return psutil.Process(self._main.running.pid)

    @property
    def workers(self) -> list[psutil.Process]:
        """Locust's workers on this machine."""
        return [psutil.Process(each.running.pid) for each in self._workers]

    @property
    def port(self) -> int:
        """Where the master listens."""
        return self.requests.begun["port"]

    async def under_way(self, seconds: float = 1.0) -> None:
        """Wait until requests have come home for so long; raises what a load without any says."""
        while not self.requests.made:
            if self._main.running.returncode is not None:
                await self.ended()
            await asyncio.sleep(0.05)
        await asyncio.sleep(seconds)

    def became(self):
        """Give what is said of the generators."""
        return generators_of(
            self.requests.events(), from_s=self.requests.begun["at_s"], cut_short=self.cut_short
        )

    def asked(self) -> int:
        """Give how many requests came home."""
        return sum(second.took.total for second in self.requests.seconds())


@asynccontextmanager
async def many(url: str, folder: Path, **more: object):
    """Make a load, and insist that no process of it is left."""
    traffic = Many(url, folder, **more)
    async with traffic:
        processes = [traffic.master, *traffic.workers]
        yield traffic
    _, left = await asyncio.to_thread(psutil.wait_procs, processes, timeout=5)
    assert left == []


@contextmanager
def worker(
    port: int, *arguments: object, temporary: Path | None = None, path: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start ``neverblock worker`` as on another machine; where the test fails, end it.

    ``temporary`` is its folder for temporary files, ``path`` where it looks for packages first.
    Else it would wait for a master that nobody leads any more, and the test for it.
    """
    command = [sys.executable, "-m", "neverblock", "worker", f"127.0.0.1:{port}", *arguments]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
    own = {"TMPDIR": temporary, "PYTHONPATH": path}
    env = os.environ | {name: str(folder) for name, folder in own.items() if folder is not None}
    with subprocess.Popen([str(part) for part in command], env=env, **pipes) as process:
        try:
            yield process
        except BaseException:
            process.terminate()
            raise
