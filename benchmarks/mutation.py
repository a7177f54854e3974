"""Change the pure stages in every way mutmut knows, and count what the tests do not notice.

``python benchmarks/mutation.py --markdown docs/mutation.md``

What is changed, and by which tests, stands in pyproject.toml under ``[tool.mutmut]``.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAGE = ROOT / "mutants"
"""Mutmut imports what it changes from ``src``, and nowhere else: the copy that it works on."""
MUTMUT = [sys.executable, "-m", "mutmut"]
NOTICED = {"killed", "timeout", "suspicious", "caught by type check"}

HEAD = """# Mutation

Made by `make mutation`: [mutmut](https://mutmut.readthedocs.io) changes the pure stages one place
at a time (a comparison flipped, a branch dropped, an argument left out, a text altered), and runs
the tests that reach the place. A change that no test notices has *survived*.
"""


def staged() -> None:
    """Copy what is changed and what tests it to where mutmut finds it; what is there goes first."""
    shutil.rmtree(STAGE, ignore_errors=True)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "harness", STAGE / "src", ignore=ignore)
    for folder in ("tests", "target_app", "scenarios"):
        shutil.copytree(ROOT / folder, STAGE / folder, ignore=ignore)
    shutil.copy2(ROOT / "pyproject.toml", STAGE)


def results() -> dict[str, Counter[str]]:
    """Give how the mutants of each module ended, and print those that no test noticed."""
    said = subprocess.run(  # noqa: S603 - our own command
        [*MUTMUT, "results", "--all", "true"], cwd=STAGE, capture_output=True, text=True, check=True
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in said.stdout.splitlines():
        name, _, status = line.strip().rpartition(": ")
        module = name.partition(".x")[0]
        if not module:
            continue
        found[module][status] += 1
        if status not in NOTICED:
            print(f"{status}: mutmut show {name}")
    return dict(sorted(found.items()))


def page(found: dict[str, Counter[str]]) -> str:
    """Give the score of each module as Markdown."""
    total: Counter[str] = sum(found.values(), Counter())
    rows = [*((f"`{module}`", counts) for module, counts in found.items()), ("all", total)]
    return "\n".join(
        [
            HEAD,
            f"{datetime.now(UTC):%Y-%m-%d}, mutmut {version('mutmut')}:",
            "",
            "| | changes | noticed | survived | score |",
            "| --- | ---: | ---: | ---: | ---: |",
            *(row(name, counts) for name, counts in rows),
            "",
        ]
    )


def row(name: str, counts: Counter[str]) -> str:
    """Give one line of the table."""
    noticed, every = sum(counts[status] for status in NOTICED), sum(counts.values())
    return f"| {name} | {every} | {noticed} | {every - noticed} | {noticed / every:.1%} |"


def main() -> None:
    """Run, or only read what the last run left, and print the score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="only show the last run's score")
    parser.add_argument("--markdown", type=Path, help="write the page into this file")
    options = parser.parse_args()
    if not options.again:
        staged()
        # its animation fills a log; its exit code and its results say what went wrong
        done = subprocess.run([*MUTMUT, "run"], cwd=STAGE, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - our own command
        if done.returncode:
            sys.exit(f"mutmut ended with {done.returncode}; see: {' '.join(MUTMUT)} run")
    text = page(results())
    print(text)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
