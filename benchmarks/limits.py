"""Measure the capacity of every planted limit, and write the table of docs/limits.md.

``make limits``. Each is measured by the command, in a run of its own; those that need Postgres are
measured where there is one. ``ARGS='--only lock --runs 3'`` writes the last row of that one alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from neverblock.reference.services import Provided, provide

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "limits"
sys.path.insert(0, str(CORPUS))

from limits_truth import Planted, planted  # noqa: E402 - a folder of tests is no package

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = ROOT / "docs" / "limits.md"
BEGIN, END = "<!-- table -->", "<!-- end of the table -->"
HEAD = (
    "| endpoint | planted | arithmetic | ceiling | named | from n | beyond | proof | took | |\n"
    "|---|---|---:|---:|---|---:|---|---|---:|---|\n"
)
RAISED = {
    "threads": 'thread-pool = "THREADS=8"',
    "httpx": 'connection-pool = "CONNECTIONS=20"',
    "asyncpg": 'connection-pool = "DATABASE_CONNECTIONS=10"',
    "sqlalchemy": 'connection-pool = "DATABASE_CONNECTIONS=10"',
    "psycopg": 'connection-pool = "DATABASE_CONNECTIONS=10"',
}
"""Of two pools that have one name, each is moved by a variable of its own."""

SIZES = {"SLOTS": "8", "CONNECTIONS": "10", "THREADS": "4", "UPSTREAM_SLOTS": "20", "RATE": "50",
         "DATABASE_CONNECTIONS": "5"}  # fmt: skip


def measured(one: Planted, folder: Path) -> dict[str, object]:
    """Give what the command says of one planted limit, as run.json has it."""
    for file in CORPUS.glob("*.*"):
        (folder / file.name).write_bytes(file.read_bytes())
    if one.path in RAISED:
        with (folder / "pyproject.toml").open("a", encoding="utf-8") as settings:
            settings.write(f"{RAISED[one.path]}\n")
    saved = folder / "run.json"
    command = [sys.executable, "-m", "neverblock", "capacity", "planted:app", "-k", f"/{one.path}"]
    command += ["--python", sys.executable, "--json", str(saved)]
    env = {**os.environ, **SIZES, **one.env}
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    if not saved.exists():
        return {"failed": (done.stderr or done.stdout)[-500:]}
    return json.loads(saved.read_text(encoding="utf-8"))["capacity"][0]


def wrong(one: Planted, found: dict) -> list[str]:
    """Say what of a capacity is not as it was planted; nothing where all is."""
    if "failed" in found:
        return [found["failed"].strip().rpartition("\n")[2]]
    said = []
    if found["limit"] != one.limit:
        said.append("limit")
    if one.per_s is None:
        return said + ["ceiling"] * (found["ceiling_per_s"] is not None)
    ceiling = found["ceiling_per_s"]
    if ceiling is None or abs(ceiling / one.per_s - 1) > one.within:
        said.append("ceiling")
    if found["beyond"] != one.beyond:
        said.append("beyond")
    if found["proof"]["verdict"] != one.proof:
        said.append("proof")
    if said and any(note.startswith("the ceiling may be") for note in found["notes"]):
        said.append("(may be higher)")
    return said


def row(one: Planted, found: dict, took_s: float) -> str:
    """Give a line of the table."""
    amiss = ", ".join(wrong(one, found)) or "✓"
    if "failed" in found:
        return f"| {one.name} | {one.limit} | {one.per_s or ''} | | | | | | | {amiss} |\n"
    ceiling = found["ceiling_per_s"]
    shown = "" if ceiling is None else f"{ceiling:.1f}"
    arithmetic = "" if one.per_s is None else f"{one.per_s:.1f}"
    cells = (one.name, one.limit, arithmetic, shown, found["limit"], found["at_n"] or "",
             found["beyond"] or "", found["proof"]["verdict"], f"{took_s:.0f} s",
             amiss)  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |\n"


def main() -> int:
    """Measure them all and write the table; give 1 if any is not as planted."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", action="append", help="this endpoint alone; repeatable")
    asked.add_argument("--runs", type=int, default=1, help="how often each is measured")
    options = asked.parse_args()
    with provide(["postgres"]) as services:
        if isinstance(postgres := services["postgres"], Provided):
            os.environ["LIMITS_DATABASE"] = postgres.url
        return measure_all(options)


def measure_all(options: argparse.Namespace) -> int:
    """Measure those that are asked for, and write their rows; give 1 if any is amiss."""
    rows: dict[str, str] = {}
    amiss = 0
    for one in planted(len(os.sched_getaffinity(0))):
        if options.only and one.path not in options.only:
            continue
        if one.needs_postgres and not os.environ.get("LIMITS_DATABASE"):
            print(f"{one.name}: not measured, as there is no Postgres")
            continue
        for _ in range(options.runs):
            with tempfile.TemporaryDirectory() as folder:
                since_s = time.monotonic()
                found = measured(one, Path(folder))
            rows[one.name] = row(one, found, time.monotonic() - since_s)
            amiss += bool(wrong(one, found))
            print(rows[one.name], end="", flush=True)
    write_rows(rows)
    return int(bool(amiss))


def write_rows(rows: Mapping[str, str]) -> None:
    """Write these rows into the page's table, in the order of the corpus, and keep the others."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    table, _, after = rest.partition(END)
    lines = [line for line in table.splitlines(keepends=True) if line.startswith("| ")]
    known = {line.split("|")[1].strip(): line for line in lines} | dict(rows)
    names = (one.name for one in planted(len(os.sched_getaffinity(0))))
    shown = "".join(known[name] for name in names if name in known)
    PAGE.write_text(f"{before}{BEGIN}\n\n{HEAD}{shown}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
