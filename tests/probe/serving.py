"""Real servers around the probe, for its tests."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from neverblock.observe.trace_reader import TraceReader
from neverblock.probe.config import RESOLUTION_S, ProbeConfig

HERE = str(Path(__file__).parent)
REPOSITORY = Path(__file__).parents[2]
PROBED = "neverblock.probe.app:app"
COMMANDS = {
    "asyncio": ("uvicorn", PROBED, "--port", "{port}", "--loop", "asyncio"),
    "uvloop": ("uvicorn", PROBED, "--port", "{port}", "--loop", "uvloop"),
    "hypercorn": ("hypercorn", PROBED, "--bind", "127.0.0.1:{port}"),
    "granian": ("granian", PROBED, "--interface", "asgi", "--port", "{port}"),
    "gunicorn": (
        *("gunicorn", PROBED, "--bind", "127.0.0.1:{port}", "--workers", "2"),
        *("--worker-class", "uvicorn.workers.UvicornWorker"),
    ),
}


@dataclass
class Served:
    """A server with the probe in it, and the reader of its trace."""

    process: subprocess.Popen[str]
    port: int
    reader: TraceReader

    def get(self, path):
        """Request a path on a connection of its own; give the response, its body read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            response.body = response.read()
            return response

    def watch(self, path, quiet_s=0.12):
        """Request a path and give what the probe saw until the loop was quiet again."""
        self.settle(quiet_s)
        from_s = time.monotonic()
        assert self.get(path).status == 200
        self.settle(quiet_s)
        return self.reader.window(from_s, time.monotonic() - quiet_s / 2)

    def calmest(self, path, quiet_s=0.12, times=5, held_s=0.0):
        """Watch a path until the machine leaves it alone, or some times; give the least disturbed.

        Once before, for the first look at a place reads its source, and keeps the GIL for that. Of
        what holds the loop for ``held_s`` a watchdog without a core may see nothing.
        """

        def amiss_s(trace):
            unseen_s = max(0.0, held_s - sum(stall.length_s for stall in trace.stalls))
            return disturbed_s(trace) + unseen_s

        self.watch(path, quiet_s)
        traces = [self.watch(path, quiet_s)]
        while len(traces) < times and amiss_s(traces[-1]) > RESOLUTION_S:
            traces.append(self.watch(path, quiet_s))
        assert all(trace.armed for trace in traces), traces[0].complaint
        return min(traces, key=amiss_s)

    def settle(self, quiet_s):
        """Wait until nothing is going on in the server."""
        after_s = time.monotonic()
        settled = self.reader.settled(after_s, quiet_s=quiet_s, timeout_s=20)
        assert asyncio.run(settled), "the loop never became quiet"


@contextlib.contextmanager
def served(server, trace_dir, target="probed_app:app", factory=False):
    """Serve a target of this folder under the probe until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = ProbeConfig(target, str(trace_dir), factory, app_dir=HERE, project_roots=(HERE,))
    module, *arguments = (part.format(port=port) for part in COMMANDS[server])
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | config.to_env(),
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        served = Served(process, port, TraceReader(trace_dir))
        _wait(served, config.canary_path)
        yield served
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _wait(served, path):
    give_up_s = time.monotonic() + 30
    while time.monotonic() < give_up_s:
        if served.process.poll() is not None:
            raise AssertionError(served.process.stdout.read())
        with contextlib.suppress(OSError, http.client.HTTPException):
            if served.get(path).body == b"ok":
                return
        time.sleep(0.05)
    raise AssertionError("the server did not come up")


def disturbed_s(trace):
    """Give the seconds that the machine took from the loop, or for which it held the watchdog up.

    A watchdog without a core looks too late: it then finds the loop with nothing to do.
    """
    late_s = sum(s.weight_s for x in trace.stalls for s in x.stacks if s.on_cpu and not s.frames)
    return late_s + sum(stall.starved_s for stall in trace.stalls)


def total(trace, field, name=None):
    """Sum one part of all stalls; with a name, of those whose stacks hold that function.

    Without a GIL its class is not known.
    """
    names = {name, name and name.rpartition(".")[2]}
    return sum(
        getattr(stall, field)
        for stall in trace.stalls
        if name is None or any(f.function in names for s in stall.stacks for f in s.frames)
    )


def heaviest(trace, *, on_cpu):
    """Give the stack that most of the time was spent in."""
    stacks = [s for stall in trace.stalls for s in stall.stacks if s.on_cpu is on_cpu]
    return max(stacks, key=lambda stack: stack.weight_s)
