"""Hold what one request predicts of each endpoint of the reference app to its measured ceiling.

``make limits-reference`` writes the table into docs/limits.md. A wait is a tenth of a second here;
what computes takes its usual time. ``ARGS='sleep hash'`` measures these pairs and writes their rows
alone. The last column is what one request took when it was checked, and in the sweep.
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
from typing import TYPE_CHECKING, Any

from neverblock.reference.location import load_reference, reference_dir
from neverblock.reference.services import Provided, provide
from neverblock.units import rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neverblock.model import Pair

PAGE = Path(__file__).parents[1] / "docs" / "limits.md"
BEGIN, END = "<!-- reference -->", "<!-- end of the reference app -->"
HEAD = (
    "| variant | predicted | by | ceiling | between | named | ceiling / predicted | alone, ms |\n"
    "|---|---:|---|---:|---|---|---:|---:|\n"
)
APP = "target_app.main:app"
SCALE = 0.1
FOR, FOR_COMPUTING = "30s", "40s"
"""For one variant: some ten levels of a wait of 100 ms, or a few of a computation of up to 300 ms,
each of which lasts until it is sure."""


def settings(pair: Pair, folder: Path) -> str:
    """Give the configuration that asks each variant as its pair does, its body in a file."""
    lines = []
    for name, variant in pair.variants.items():
        request = variant.request
        lines += ["[[tool.neverblock.endpoint]]", f'name = "{request.method} {request.path}"']
        if request.content:
            (folder / f"{name}.body").write_bytes(request.content)
            kind = dict(request.headers)["content-type"]
            lines += [f'file = "{name}.body"', f'content-type = "{kind}"']
    return "\n".join(lines) + "\n"


def said(pair: Pair, folder: Path, env: Mapping[str, str]) -> Any:
    """Give what the command writes of all variants of a pair, as run.json has it; None if not."""
    saved, for_s = folder / "run.json", FOR_COMPUTING if pair.computes else FOR
    words = [sys.executable, "-m", "neverblock", "capacity", APP, "--no-proof", "--for", for_s]
    words += ["--python", sys.executable, "--loop", "asyncio", "--json", str(saved)]
    words += ["--app-dir", str(reference_dir())]
    for variant in pair.variants.values():
        words += ["-e", f"{variant.request.method} {variant.request.path}"]
    done = subprocess.run(  # noqa: S603 - our own command
        words, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    if not saved.exists():
        print(f"{pair.name}: {done.stderr.strip()[-500:]}", file=sys.stderr)
        return None
    return json.loads(saved.read_text(encoding="utf-8"))


def measured(pair: Pair, env: Mapping[str, str]) -> list[str]:
    """Measure the ceilings of a pair's variants; give a row for each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").write_text(settings(pair, folder), encoding="utf-8")
        run = said(pair, folder, env)
    found = {one["endpoint"]: one for one in (run or {}).get("capacity", ())}
    return [
        row(f"{pair.name}/{variant}", found.get(f"{what.request.method} {what.request.path}"))
        for variant, what in pair.variants.items()
    ]


def row(name: str, found: Mapping[str, Any] | None) -> str:
    """Give a line of the table; a ceiling that was not reached has no ratio."""
    if found is None:
        return f"| {name} | | | | | not measured | | |\n"
    predicted = by = ceiling = between = ratio = alone = ""
    if (most_per_s := found["predicted_per_s"]) is not None:
        predicted, by = f"{most_per_s:.3g}", found["predicted_limit"]
    if (per_s := found["ceiling_per_s"]) is not None:
        ceiling, between = f"{per_s:.3g}", f"{found['low_per_s']:.3g} to {found['high_per_s']:.3g}"
        ratio = "" if most_per_s is None else f"{per_s / most_per_s:.2f}"
    elif found["levels"]:
        ceiling = f"over {rate(max(level['rate_per_s'] for level in found['levels']))}"
    one = next((level for level in found["levels"] if level["n"] == 1), None)
    if one is not None and found["solo_s"] is not None:
        alone = f"{1000 * found['solo_s']:.0f}, {1000 * one['p50_s']:.0f}"
    cells = (name, predicted, by, ceiling, between, found["limit"], ratio, alone)
    return f"| {' | '.join(cells)} |\n"


def write(rows: Sequence[str]) -> None:
    """Write these rows into the table's place in the page, in its order, and keep the others."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    table, _, after = rest.partition(END)
    lines = [line for line in table.splitlines(keepends=True) if line.startswith("| ")]
    variants = [line for line in (*lines, *rows) if "/" in line.split("|")[1]]
    known = {line.split("|")[1]: line for line in variants}
    shown = "".join([HEAD, *known.values()])
    PAGE.write_text(f"{before}{BEGIN}\n\n{shown}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Measure all pairs, or those that are named; write the table if it is all of them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("pairs", nargs="*", help="these pairs alone")
    names = asked.parse_args().pairs
    load, began_s = load_reference("target_app.pairs:load"), time.monotonic()
    pairs = [load(name).PAIR for name in names or load_reference("target_app.pairs:names")()]
    rows: list[str] = []
    with provide(sorted({need for pair in pairs for need in pair.needs})) as services:
        for pair in pairs:
            env = {"NEVERBLOCK_PAIRS": pair.name, "NEVERBLOCK_SCALE": f"{SCALE:g}"}
            provided = [services[need] for need in pair.needs]
            for service in provided:
                env |= service.env if isinstance(service, Provided) else {}
            if not all(isinstance(service, Provided) for service in provided):
                print(f"{pair.name}: not measured, as a service is missing", file=sys.stderr)
                continue
            rows += measured(pair, env)
            print("".join(rows[-len(pair.variants) :]), end="", flush=True)
            write(rows)
    print(f"{len(rows)} variants in {time.monotonic() - began_s:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
