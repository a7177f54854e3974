"""What neverblock adds to a request of Locust's, and what several generators make of two cores.

``make bench-load``: FastHttpUsers without a pause ask a server that does next to nothing, so that
the generator is the limit. Stock Locust and ``neverblock load`` take turns, then one generator and
four; each figure is the median of the turns, and a ratio is that of two neighbours, whose range is
given. What one generator can take is a matter of CPU time: rates beside other work say little, so
the generators' CPU seconds a request are measured as well, and those are the figure.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from client import perfect_server

FILE = '''"""Users that ask as fast as they are answered."""

from locust import FastHttpUser, constant, task


class Eager(FastHttpUser):
    """One connection, one request after the other."""

    wait_time = constant(0)

    @task
    def ask(self) -> None:
        """Ask for what answers at once."""
        self.client.get("/")
'''
USERS, SECONDS = 50, 8


def run(command: list[str], folder: Path) -> float:
    """Run a command, and give the CPU seconds of it and of all its processes."""
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        used: dict[int, float] = {}
        root = psutil.Process(process.pid)
        while process.poll() is None:
            for each in [root, *_children(root)]:
                try:
                    times = each.cpu_times()
                except psutil.Error:
                    continue
                used[each.pid] = times.user + times.system
            time.sleep(0.1)
    return sum(used.values())


def _children(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.Error:
        return []


def stock(url: str, folder: Path) -> tuple[float, float]:
    """Load with stock Locust; give requests a second, and CPU seconds a request."""
    saved = folder / "stock"
    options = ["-f", "locustfile.py", "--headless", "-u", f"{USERS}", "-r", f"{USERS}"]
    more = ["-t", f"{SECONDS}s", "--host", url, "--json-file", str(saved)]
    cpu_s = run([sys.executable, "-m", "locust", *options, *more], folder)
    (entry,) = json.loads(saved.with_suffix(".json").read_text(encoding="utf-8"))
    asked: int = entry["num_requests"]
    return asked / (entry["last_request_timestamp"] - entry["start_time"]), cpu_s / asked


def ours(url: str, folder: Path, workers: int = 1) -> tuple[float, float]:
    """Load the same from outside, with one generator or several; give the same."""
    saved = folder / "run.json"
    options = ["-f", "locustfile.py", "-u", f"{USERS}", "-r", f"{USERS}", "-t", f"{SECONDS}s"]
    more = ["--no-ceiling", "--json", str(saved), *["--workers", f"{workers}"] * (workers > 1)]
    cpu_s = run([sys.executable, "-m", "neverblock", "load", url, *options, *more], folder)
    load = json.loads(saved.read_text(encoding="utf-8"))["load"]
    return load["request_rate_per_s"], cpu_s / load["requests"]


def said(name: str, ratios: list[float]) -> str:
    """Give a line on some ratios of neighbours."""
    return f"{name}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def main() -> int:
    """Measure in turns, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    turns: int = parser.parse_args().turns
    rates, costs, four = [], [], []
    with tempfile.TemporaryDirectory() as name, perfect_server() as url:
        folder = Path(name)
        (folder / "locustfile.py").write_text(FILE, encoding="utf-8")
        for _ in range(turns):
            rate, cost = stock(url, folder)
            own, own_cost = ours(url, folder)
            more, more_cost = ours(url, folder, 4)
            print(
                f"Locust {rate:.0f}/s, {cost * 1e6:.0f} us of CPU a request; neverblock "
                f"{own:.0f}/s, {own_cost * 1e6:.0f} us; four generators {more:.0f}/s, "
                f"{more_cost * 1e6:.0f} us",
                flush=True,
            )
            rates.append(own / rate)
            costs.append(own_cost / cost)
            four.append(more / own)
    print(said("rate of neverblock's generator to stock Locust's", rates))
    print(said("CPU time a request, the same", costs))
    print(said("rate of four generators to one", four))
    return 0


if __name__ == "__main__":
    sys.exit(main())
