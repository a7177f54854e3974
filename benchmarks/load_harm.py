"""Whether what a load says that others lost is what they win once the bad endpoints are gone.

    make bench-harm

Puts the reference app under `scenarios/shop.py` twice, with its clerks asking for bad endpoints and
for their replacements, and prints both sums: what the first load said that requests of good
endpoints lost, and by how much less they took in the second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
GOOD = ("GET /", "GET /health", "GET /pairs/sleep/good")
SERVED = {"NEVERBLOCK_SCALE": "0.1", "NEVERBLOCK_PAIRS": "sleep,dependency,file"}


def load(folder: Path, *more: str, run_time: str = "30s") -> dict[str, Any]:
    """Make the load of the shop, and give its endpoints by their names."""
    kept = folder / "run.json"
    shop = ("target_app.main:app", "-f", "scenarios/shop.py", "-u", "12", "-r", "12")
    command = [sys.executable, "-m", "neverblock", "load", *shop, "-t", run_time, *more]
    where = ("--reports", str(folder), "--json", str(kept))
    subprocess.run([*command, *where], cwd=ROOT, env={**os.environ, **SERVED}, check=False)  # noqa: S603 - our own command
    return {each["name"]: each for each in json.loads(kept.read_text())["load"]["endpoints"]}


def won_s(bad: dict[str, Any], fixed: dict[str, Any]) -> float:
    """Give by how much less the requests of an endpoint took in sum, were there as many."""
    means = [each["took_s"] / each["requests"] for each in (bad, fixed)]
    return float(bad["requests"] * (means[0] - means[1]))


def main() -> None:
    """Make both loads, and print the table."""
    with tempfile.TemporaryDirectory() as name:
        bad, fixed = load(Path(name)), load(Path(name), "--fixed")
    rows = [(each, bad[each]["lost_s"], won_s(bad[each], fixed[each])) for each in GOOD]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    sys.stdout.write(f"{'endpoint':24}{'lost':>10}{'won':>10}\n")
    for endpoint, lost, won in rows:
        sys.stdout.write(f"{endpoint:24}{lost:>8.2f} s{won:>8.2f} s\n")
    sys.stdout.write(f"what was lost is {rows[-1][1] / rows[-1][2]:.0%} of what was won\n")


if __name__ == "__main__":
    main()
