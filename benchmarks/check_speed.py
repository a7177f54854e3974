"""How long ``neverblock check`` takes for many endpoints that answer in 20 ms, and where it goes.

``python benchmarks/check_speed.py --endpoints 100``

A verdict should cost little more than the requests it has to make: under 1 s for each endpoint, and
under 60 s for a hundred of them, the server's start included.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from neverblock.model import Verdict
from neverblock.observe.machine import usable_cpus
from neverblock.storage import run_file

APP = '''"""Many endpoints of {own_s} s, made by a loop."""

import asyncio

from fastapi import FastAPI

app = FastAPI()


async def wait() -> str:
    """Take the endpoint's own time, and keep the loop free."""
    await asyncio.sleep({own_s})
    return "done"


for number in range({endpoints}):
    app.get(f"/things/{{number}}")(wait)
'''


def main() -> None:
    """Check the app as a user would, and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoints", type=int, default=100)
    parser.add_argument("--own-s", type=float, default=0.02, help="what each takes, in seconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="neverblock-") as name:
        folder = Path(name)
        (folder / "many.py").write_text(APP.format(**vars(options)))
        began_s = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "neverblock", "check", "many:app", "--json", "run.json"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        took_s = time.monotonic() - began_s
        if not (folder / "run.json").exists():
            sys.exit(done.stderr)
        run = run_file.load(folder / "run.json")
    measured = [result.measurement for result in run.results if result.measurement]
    judged = [r for r in run.results if r.judgement.verdict in {Verdict.PASS, Verdict.FAIL}]
    asked_s = sum(sum(m.solo_samples_s) + m.warm_up_s + sum(m.walls_s) for m in measured)
    phases = {phase.name: phase.duration_s for phase in run.phases}
    print(
        f"Python {platform.python_version()}, {usable_cpus():g} cores:"
        f" {len(judged)} verdicts on {options.endpoints} endpoints in {took_s:.1f} s"
    )
    print(f"a verdict: {phases.get('endpoints', 0.0) / max(1, len(measured)):.2f} s")
    print(f"all of it: {took_s / max(asked_s, 1e-9):.1f} times the requests' own {asked_s:.1f} s")
    for phase, duration_s in phases.items():
        print(f"  {phase}: {duration_s:.2f} s")
    print(f"  before and after: {took_s - sum(phases.values()):.2f} s")


if __name__ == "__main__":
    main()
