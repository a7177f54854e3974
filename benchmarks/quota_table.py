"""What a limit of cores does to the figures: one app in control groups of 2, 1 and half a core.

``make quota-table``, as root, where a control group can be made. Each endpoint asks for the same
work wherever it runs: it waits for 100 ms, or computes until it has had so much CPU time. Writes
the table of docs/containers.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from quota import NotAvailableError, quota

CORES = (2.0, 1.0, 0.5)
PAGE = Path(__file__).parents[1] / "docs" / "containers.md"
BEGIN, END = "<!-- table -->", "<!-- end of the table -->"
HEAD = (
    "| endpoint | cores | verdict | waits on the loop | computes there | one alone | ten at once "
    "| at most | stopped |\n|---|---:|---|---:|---:|---:|---:|---:|---:|\n"
)
APP = '''"""Two endpoints that wait, and two that compute."""

import asyncio
import time

from fastapi import FastAPI

app = FastAPI()


def compute(seconds: float) -> None:
    """Use so much CPU time of this thread, however long that takes."""
    until_s = time.thread_time() + seconds
    while time.thread_time() < until_s:
        pass


@app.get("/awaits")
async def awaits() -> None:
    await asyncio.sleep(0.1)


@app.get("/waits")
async def waits() -> None:
    time.sleep(0.1)


@app.get("/computes-20")
async def computes_20() -> None:
    compute(0.02)


@app.get("/computes-80")
async def computes_80() -> None:
    compute(0.08)
'''


def checked(folder: Path, cores: float) -> dict[str, Any]:
    """Check the app with so many cores; give the run as run.json has it.

    Raises NotAvailableError where there are no control groups, RuntimeError where no run was saved.
    """
    saved = folder / f"{cores:g}.json"
    command = [sys.executable, "-m", "neverblock", "check", "main:app", "--json", str(saved)]
    with quota(cores) as prefix:
        done = subprocess.run(  # noqa: S603 - our own command
            [*prefix, *command, "--python", sys.executable],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if not saved.exists():
        raise RuntimeError(done.stderr or done.stdout)
    run: dict[str, Any] = json.loads(saved.read_text(encoding="utf-8"))
    return run


def row(result: dict[str, Any], cores: float) -> str:
    """Give a line of the table, in milliseconds and in requests a second."""
    m = result["measurement"]
    waits, computes = (m["demands"].get(f"loop-{what}") for what in ("waiting", "computing"))
    code = f"{result['code']} " if result["code"] else ""
    cells = (
        result["endpoint"]["name"],
        f"{cores:g}",
        f"{result['verdict']}, {code}{result['diagnosis']}",
        *(f"{(demand['high_s'] if demand else 0.0) * 1e3:.0f} ms" for demand in (waits, computes)),
        f"{m['solo_s'] * 1e3:.0f} ms",
        f"{m['wall_s'] * 1e3:.0f} ms",
        f"{m['cap']['per_s']:.0f}/s by {m['cap']['resource']}" if m["cap"] else "",
        f"{(m['machine']['throttled_s'] or 0.0) * 1e3:.0f} ms",
    )
    return f"| {' | '.join(cells)} |\n"


def main() -> int:
    """Measure, and write the table; give 2 where there are no control groups."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.py").write_text(APP, encoding="utf-8")
        for cores in CORES:
            try:
                run = checked(folder, cores)
            except NotAvailableError as error:
                print(error, file=sys.stderr)
                return 2
            rows += [(result["endpoint"]["name"], row(result, cores)) for result in run["results"]]
            print(*(line for _, line in rows[-len(run["results"]) :]), sep="", flush=True)
    order = list(dict.fromkeys(name for name, _ in rows))
    table = "".join(line for _, line in sorted(rows, key=lambda each: order.index(each[0])))
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{HEAD}{table}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
