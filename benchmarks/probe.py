"""What the probe costs: throughput of a trivial endpoint with and without it, alternating.

    python benchmarks/probe.py [--loop uvloop] [--rounds 40]

Both servers live at once and are measured in turns, in random order, so that drift of the machine
hits both alike. Prints the ratio (with the probe to without) of throughput, and of the server's
CPU time per request, each as the median over rounds with a 95 % bootstrap interval.
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
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil
from fastapi import FastAPI

from harness.probe.config import ProbeConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

app = FastAPI()

_HERE = str(Path(__file__).parent)
_REQUEST = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
_RESAMPLES = 4000


@app.get("/")
async def trivial() -> dict[str, bool]:
    """Answer as little as FastAPI can."""
    return {"ok": True}


class Round(NamedTuple):
    """One short run against one server: requests per second, and CPU seconds per request."""

    throughput_rps: float
    cpu_s: float


@contextlib.contextmanager
def serve(target: str, loop: str, env: dict[str, str]) -> Iterator[tuple[psutil.Process, int]]:
    """Serve an import string by uvicorn on a free port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--loop", loop, "--log-level", "warning", "--app-dir", _HERE]
    command = [sys.executable, "-m", "uvicorn", target, *options]
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


def run(process: psutil.Process, port: int, connections: int, duration_s: float) -> Round:
    """Keep every connection busy with one request at a time, and count the answers."""
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(connections):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, connection)
            connection.sendall(_REQUEST)
        answers = 0
        before = process.cpu_times()
        started_s = time.monotonic()
        while time.monotonic() < started_s + duration_s:
            for key, _ in selector.select(1):
                if not key.data.recv(4096).endswith(b'{"ok":true}'):
                    continue
                answers += 1
                key.data.sendall(_REQUEST)
        elapsed_s = time.monotonic() - started_s
        after = process.cpu_times()
    cpu_s = after.user + after.system - before.user - before.system
    return Round(answers / elapsed_s, cpu_s / answers)


def interval(ratios: list[float]) -> str:
    """Give the median of the ratios and its 95 % bootstrap interval."""
    chance = random.Random(0)  # noqa: S311 - no cryptography; the same data give the same interval
    medians = sorted(
        statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(_RESAMPLES)
    )
    low, high = medians[int(0.025 * _RESAMPLES)], medians[int(0.975 * _RESAMPLES)]
    return f"{statistics.median(ratios):.4f}  (95 %: {low:.4f} to {high:.4f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--loop", default="asyncio", choices=["asyncio", "uvloop"])
    parser.add_argument("--rounds", type=int, default=40, help="pairs of runs (default 40)")
    parser.add_argument("--duration", type=float, default=0.5, help="seconds per run")
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        trace_dir = stack.enter_context(tempfile.TemporaryDirectory())
        config = ProbeConfig("probe:app", trace_dir, app_dir=_HERE, project_roots=(_HERE,))
        plain = stack.enter_context(serve("probe:app", options.loop, {}))
        probed = stack.enter_context(serve("harness.probe.app:app", options.loop, config.to_env()))
        rounds: list[tuple[Round, Round]] = []
        for number in range(options.rounds + 2):
            order = [plain, probed]
            random.shuffle(order)
            runs = {
                process.pid: run(process, port, options.connections, options.duration)
                for process, port in order
            }
            if number > 1:  # the first two warm the servers up
                rounds.append((runs[plain[0].pid], runs[probed[0].pid]))
    rate = statistics.median(without.throughput_rps for without, _ in rounds)
    print(f"{options.loop}, {options.connections} connections, {rate:.0f} requests/s without")
    print("throughput", interval([w.throughput_rps / o.throughput_rps for o, w in rounds]))
    print("CPU/request", interval([w.cpu_s / o.cpu_s for o, w in rounds]))


if __name__ == "__main__":
    main()
