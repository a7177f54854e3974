"""What neverblock adds to a request of Locust's, and what several generators make of two cores.

``make bench-load``: FastHttpUsers without a pause ask a server that does next to nothing, so that
the generator is the limit. Stock Locust, ``neverblock load`` by one generator and by four take
turns; each figure is the median of the turns, and a ratio is that of two neighbours, whose range is
given. Each generator says itself what it asked and what CPU time that took, between the last user's
coming and the end, and the CPU time of all others is of the same stretch. Beside other work a rate
says who was given the cores: what neverblock adds is the ratio of the generators' CPU times.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import psutil
from client import perfect_server

FILE = '''"""Users that ask as fast as they are answered, and say what that took."""

import json
import os
import time
from pathlib import Path

from locust import FastHttpUser, constant, events, task

ASKED = [0]


def now():
    """Say how much was asked by now, and what it took."""
    return {"asked": ASKED[0], "cpu_s": time.process_time(), "at_s": time.monotonic()}


class Eager(FastHttpUser):
    """One connection, one request after the other."""

    wait_time = constant(0)

    @task
    def ask(self) -> None:
        """Ask for what answers at once."""
        self.client.get("/")
        ASKED[0] += 1


@events.spawning_complete.add_listener
def begin(**_):
    """Keep it for when all users are there."""
    Eager.began = now()


@events.test_stop.add_listener
def end(**_):
    """Write it down for the end."""
    if ASKED[0]:
        Path(f"{os.getpid()}.spent").write_text(json.dumps([Eager.began, now()]))
'''
WHOSE = ["-f", "locustfile.py", "-u", "48", "-r", "48", "-t", "6s"]


ROLES = "generators", "server", "master", "reader"


class Spent(NamedTuple):
    """Requests a second, and CPU microseconds a request by who took them."""

    rate: float
    by: dict[str, float]

    def __str__(self) -> str:
        """Say it in a line, with how many cores all of it took."""
        parts = ", ".join(f"{role} {self.by[role]:.0f}" for role in ROLES if role in self.by)
        cores = self.rate * sum(self.by.values()) / 1e6
        return f"{self.rate:.0f}/s; us of CPU a request: {parts}; {cores:.2f} cores"


def run(command: list[str], folder: Path) -> Spent:
    """Run a command; give what its generators said, and what all others took meanwhile."""
    looks: dict[int, list[tuple[float, float]]] = defaultdict(list)
    roles: dict[int, str] = {}
    us = psutil.Process()
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        while running.poll() is None:
            for each in us.children(recursive=True):
                try:
                    times = each.cpu_times()
                    roles[each.pid] = _role(each.cmdline())
                except psutil.Error:
                    continue
                looks[each.pid].append((time.monotonic(), times.user + times.system))
            time.sleep(0.05)
    said = {int(file.stem): json.loads(file.read_text()) for file in folder.glob("*.spent")}
    for file in folder.glob("*.spent"):
        file.unlink()
    asked = sum(to["asked"] - since["asked"] for since, to in said.values())
    from_s = max(since["at_s"] for since, _ in said.values())
    to_s = min(to["at_s"] for _, to in said.values())
    cpu_s: dict[str, float] = defaultdict(float)
    for pid, own in looks.items():
        within = [cpu for at_s, cpu in own if from_s <= at_s <= to_s]
        if pid not in said and within:
            cpu_s[roles[pid]] += within[-1] - within[0]
    cpu_s["generators"] = sum(to["cpu_s"] - since["cpu_s"] for since, to in said.values())
    rate = sum((to["asked"] - a["asked"]) / (to["at_s"] - a["at_s"]) for a, to in said.values())
    return Spent(rate, {role: spent / asked * 1e6 for role, spent in cpu_s.items()})


def _role(command: list[str]) -> str:
    if any(part.endswith("perfect_server.py") for part in command):
        return "server"
    return "master" if "--master" in command else "reader"


def stock(url: str, folder: Path) -> Spent:
    """Load with stock Locust."""
    options = ["--headless", "--only-summary", *WHOSE, "--host", url]
    return run([sys.executable, "-m", "locust", *options], folder)


def ours(url: str, folder: Path, generators: int = 1) -> Spent:
    """Load the same from outside, with one generator or several."""
    options = [*WHOSE, "--no-ceiling", *["--workers", f"{generators}"] * (generators > 1)]
    return run([sys.executable, "-m", "neverblock", "load", url, *options], folder)


def said(name: str, ratios: list[float]) -> str:
    """Give a line on some ratios of neighbours."""
    return f"{name}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def main() -> int:
    """Measure in turns, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    turns: int = parser.parse_args().turns
    rates, costs, four = [], [], []
    with tempfile.TemporaryDirectory() as name, perfect_server() as url:
        folder = Path(name)
        (folder / "locustfile.py").write_text(FILE, encoding="utf-8")
        for _ in range(turns):
            plain, own, more = stock(url, folder), ours(url, folder), ours(url, folder, 4)
            for who, spent in (("Locust", plain), ("neverblock", own), ("four generators", more)):
                print(f"{who}: {spent}", flush=True)
            rates.append(own.rate / plain.rate)
            costs.append(own.by["generators"] / plain.by["generators"])
            four.append(more.rate / own.rate)
    print(said("CPU time of a request in neverblock's generator to that in stock Locust", costs))
    print(said("rate of neverblock's generator to stock Locust's", rates))
    print(said("rate of four generators to one", four))
    return 0


if __name__ == "__main__":
    sys.exit(main())
