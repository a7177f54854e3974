"""Fixes bad pairs of the reference app from what ``--format agent`` prints, and checks them again.

``make agent-fixes`` does so for all of them. Each is measured in a copy of the clone, the printed
text is handed to ``git apply`` as it is, and the command that it names is run.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from neverblock.reference.location import load_reference

ROOT = Path(__file__).parents[2]
COPIED = ("harness", "target_app", "scenarios")
TIMEOUT_S = 300


def copy_of_the_clone(folder: Path) -> Path:
    """Copy what the reference app needs into a folder, and give that."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def neverblock(clone: Path, *arguments: str) -> str:
    """Run the command in a copy of the clone, and give its standard output."""
    env = os.environ | {"PYTHONPATH": str(clone / "harness"), "TERM": "dumb"}
    command = [sys.executable, "-m", "neverblock", *arguments]
    done = subprocess.run(
        command, cwd=clone, env=env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    if not (clone / "reports" / "latest").exists():
        raise RuntimeError(done.stderr)
    return done.stdout


def verdicts(clone: Path) -> dict[str, str]:
    """Give the verdict of each result of the last run, with its diagnosis."""
    run = json.loads((clone / "reports" / "latest" / "run.json").read_text("utf-8"))
    return {r["endpoint"]["name"]: f"{r['verdict']} {r['diagnosis']}" for r in run["results"]}


def fixed(pair: str, clone: Path, *options: str) -> tuple[str, str, str]:
    """Check a bad endpoint, apply what is printed, check again; give both verdicts and the text."""
    first = ("run", pair, "-k", "bad", "--scenario", "gather", "--format", "agent", *options)
    told = neverblock(clone, *first)
    before = verdicts(clone).get(f"{pair}/bad", "skipped")
    if before.startswith("skipped"):
        return before, before, told
    subprocess.run(["git", "apply", "-p1", "-"], cwd=clone, input=told, text=True, check=True)
    (again,) = re.findall(r"^check again: neverblock (.*)$", told, re.MULTILINE)
    neverblock(clone, *shlex.split(again), *options)
    return before, verdicts(clone)[f"{pair}/bad"], told


def main() -> int:
    """Fix every pair, say what became of each, and give 1 if one does not pass."""
    failed, pairs = 0, load_reference("target_app.pairs:names")()
    for pair in pairs:
        with tempfile.TemporaryDirectory() as folder:
            try:
                before, now, _ = fixed(pair, copy_of_the_clone(Path(folder)))
            except (subprocess.SubprocessError, ValueError, RuntimeError) as error:
                before, now = "?", f"could not be fixed: {error}"
        good = now.startswith(("pass", "skipped"))
        failed += not good
        print(f"{'✓' if good else '✗'} {pair}: {before} -> {now}", flush=True)  # noqa: T201 - for make
    print(f"{len(pairs) - failed} of {len(pairs)} pass")  # noqa: T201 - the same
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
