"""What the probe costs: throughput of a trivial endpoint with and without it, alternating.

    python benchmarks/probe.py [--loop uvloop] [--launches 8] [--rounds 20]

One server process arms and disarms its probe under a load that never pauses, and is measured in
short turns, in random order. Two servers side by side cannot tell 2 %: of two with the same code
one was slower by 1.6 % (95 %: -0.8 to 4.8), and the one that idles is not without effect on the
other. Turns with connections of their own cannot either: the machine's pace changes within them,
and their first 100 ms pay for arming, which is done once in a server's life. A turn is as long as
the probe's reports are apart beside a crowd, so that each pays for one. Where there are two cores,
the load has one and the server with its probe the other, for neither to move. The server is
launched anew several times all the same, for the luck of its memory's layout. Prints the ratio
(with the probe to without) of throughput, and of the server's CPU time per request, each as the
median over rounds with a 95 % bootstrap interval.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import psutil
from fastapi import FastAPI

from neverblock.probe.config import ProbeConfig
from neverblock.probe.wrapper import ProbedApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.probe.wrapper import Receive, Scope, Send

app = FastAPI()

_HERE = str(Path(__file__).parent)
REQUEST = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
_RESAMPLES = 4000
SETTLE_S = 0.3
"""Between switching and measuring: arming starts a thread and reads the endpoint's source once."""
WARM_UP_S = 3.0


@app.get("/")
async def trivial() -> dict[str, bool]:
    """Answer as little as FastAPI can."""
    return {"ok": True}


class Switched:
    """The app, with the probe around it or without; which, is asked for by path."""

    def __init__(self, probed: ProbedApp) -> None:
        """Begin without."""
        self._probed, self._app = probed, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and switch once the answer is out."""
        await self._app(scope, receive, send)
        match scope.get("path"):
            case "/on" if self._app is app:
                self._probed.arm()
                self._app = self._probed
            case "/off" if self._app is not app:
                self._app = app
                self._probed.disarm()


def switched() -> Switched:
    """Make the app to serve, with the probe that the environment tells of."""
    return Switched(ProbedApp.from_config(ProbeConfig.from_env()))


class Round(NamedTuple):
    """One short run against one server: requests per second, and CPU seconds per request."""

    throughput_rps: float
    cpu_s: float


@contextlib.contextmanager
def serve(loop: str, env: dict[str, str]) -> Iterator[tuple[psutil.Process, int]]:
    """Serve the switched app by uvicorn on a free port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--loop", loop, "--log-level", "warning", "--app-dir", _HERE]
    command = [sys.executable, "-m", "uvicorn", "--factory", "probe:switched", *options]
    server = subprocess.Popen(command, env=os.environ | env)  # noqa: S603 - our own command
    try:
        give_up_s = time.monotonic() + 20
        while time.monotonic() < give_up_s:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield psutil.Process(server.pid), port
    finally:
        server.terminate()
        server.wait()


class Load:
    """Connections that each keep one request under way, without a pause from launch to end."""

    def __init__(self, port: int, connections: int, process: psutil.Process) -> None:
        """Connect, and send every connection's first request."""
        self._port, self._process = port, process
        self._selector = selectors.DefaultSelector()
        for _ in range(connections):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(connection, selectors.EVENT_READ, connection)
            connection.sendall(REQUEST)

    def __enter__(self) -> Self:
        """Be closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        for key in list(self._selector.get_map().values()):
            key.data.close()
        self._selector.close()

    def run(self, duration_s: float) -> Round:
        """Go on for that long, and count the answers."""
        answers = 0
        before = self._process.cpu_times()
        started_s = time.monotonic()
        while time.monotonic() < started_s + duration_s:
            for key, _ in self._selector.select(1):
                if not key.data.recv(4096).endswith(b'{"ok":true}'):
                    continue
                answers += 1
                key.data.sendall(REQUEST)
        elapsed_s = time.monotonic() - started_s
        after = self._process.cpu_times()
        cpu_s = after.user + after.system - before.user - before.system
        return Round(answers / elapsed_s, cpu_s / answers)

    def switch(self, state: str) -> None:
        """Have the probe on or off from here on, and let it settle under load."""
        with socket.create_connection(("127.0.0.1", self._port)) as connection:
            connection.sendall(f"GET /{state} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
            self.run(SETTLE_S)


def interval(launches: list[list[float]]) -> str:
    """Give the median of all ratios and its 95 % bootstrap interval, resampling whole launches."""
    chance = random.Random(0)  # noqa: S311 - no cryptography; the same data give the same interval

    def resampled() -> float:
        chosen = chance.choices(launches, k=len(launches))
        return statistics.median(chain.from_iterable(chosen))

    medians = sorted(resampled() for _ in range(_RESAMPLES))
    low, high = medians[int(0.025 * _RESAMPLES)], medians[int(0.975 * _RESAMPLES)]
    middle = statistics.median(chain.from_iterable(launches))
    return f"{middle:.4f}  (95 %: {low:.4f} to {high:.4f})"


def measure(options: argparse.Namespace, core: set[int]) -> list[tuple[Round, Round]]:
    """Launch a server on a core and run against it in turns; give pairs (without, with)."""
    with contextlib.ExitStack() as stack:
        trace_dir = stack.enter_context(tempfile.TemporaryDirectory())
        config = ProbeConfig("probe:app", trace_dir, app_dir=_HERE, project_roots=(_HERE,))
        process, port = stack.enter_context(serve(options.loop, config.to_env()))
        if core:
            os.sched_setaffinity(process.pid, core)
        load = stack.enter_context(Load(port, options.connections, process))
        load.run(WARM_UP_S)
        rounds = []
        for _ in range(options.rounds):
            runs = {}
            for state in random.sample(("off", "on"), 2):
                load.switch(state)
                runs[state] = load.run(options.duration)
            rounds.append((runs["off"], runs["on"]))
        return rounds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--loop", default="asyncio", choices=["asyncio", "uvloop"])
    parser.add_argument("--launches", type=int, default=8, help="how often both are started")
    parser.add_argument("--rounds", type=int, default=20, help="pairs of runs per launch")
    parser.add_argument("--duration", type=float, default=1.0, help="seconds per run")
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) > 1:
        os.sched_setaffinity(0, cores[:1])
    launches = [measure(options, set(cores[1:2])) for _ in range(options.launches)]
    rate = statistics.median(without.throughput_rps for rounds in launches for without, _ in rounds)
    print(f"{options.loop}, {options.connections} connections, {rate:.0f} requests/s without")
    for title, field in (("throughput", "throughput_rps"), ("CPU/request", "cpu_s")):
        ratios = [
            [getattr(probed, field) / getattr(plain, field) for plain, probed in rounds]
            for rounds in launches
        ]
        print(title, interval(ratios))


if __name__ == "__main__":
    main()
