"""What ruff suspects in apps of known truth, and what a check with ``--suspects`` says of it.

``python benchmarks/suspects_table.py --markdown docs/suspects-found.md [--shared FOLDER]``

The apps are the corpora and the cases of this project; ``--shared`` names a folder of others, whose
truth is in ``cases_shared.py``. Their own settings silence ruff, so it is run without them. Needs
Python 3.12 or later: before that, nobody knows which lines ran. ``--json`` keeps what was found, so
that ``-k`` can measure a part again and leave the rest as it was.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cases_shared import shared
from corpus_runs import CORPUS, cases_named
from roads import bodies, configuration

from neverblock.report.suspects_words import STATES, suspect_said, suspect_title, unsuspected_lines
from neverblock.storage import run_file

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "cases"))

from cases_check import as_typed, check
from cases_truth import apps
from truth import UNSEEN, package_of, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cases_truth import App

HEAD = """# What ruff suspects, and what is true of it

Made by `make suspects-table`: apps of known truth (the two corpora and the cases of this project,
and small apps that others reduced from faults of real services), put before `ruff check --isolated
--select ASYNC2` and `neverblock check --suspects`. [suspects.md](suspects.md) says what the states
are, and of twenty of these suspects what is true.

"""
COLUMNS = ("app", "routes asked", "suspects", *STATES.values(), "measured, not suspected")


class Subject(NamedTuple):
    """An app: its name, where its sources are, and how it is checked with what ruff wrote."""

    name: str
    sources: Path
    checked: Callable[[Path], dict[str, Any]]


def of_corpus(root: Path, only: str) -> Subject:
    """Give a corpus, each endpoint of which is asked as its truth says, if its path matches."""

    def checked(suspects: Path) -> dict[str, Any]:
        cases = [case for case in cases_named("", root) if re.search(only, case.path)]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            settings = configuration(cases, bodies(cases, folder), target_of(root), root)
            (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
            saved = folder / "run.json"
            words = ("-m", "neverblock", "check", *options(suspects), "--json", str(saved))
            subprocess.run([sys.executable, *words], cwd=folder, check=False)  # noqa: S603 - as typed
            if not saved.exists():
                raise RuntimeError(f"{root}: no run was saved.")
            found: dict[str, Any] = json.loads(saved.read_text(encoding="utf-8"))
            return found

    return Subject(f"{root.relative_to(root.parents[1])}", root / package_of(root), checked)


def of_case(app: App, title: str) -> Subject:
    """Give one of the apps that are a file each."""

    def checked(suspects: Path) -> dict[str, Any]:
        def typed(arguments: Sequence[str], folder: Path, env: dict[str, str]) -> str:
            return as_typed((*arguments, *options(suspects)), folder, env)

        return check(app, typed)

    values = ", ".join(f"{key}={value}" for case in app.cases for key, value in case.path.items())
    beside = f" ({values})" if values else ""
    return Subject(f"{title}/{app.module}{beside}", app.folder / f"{app.module}.py", checked)


def options(suspects: Path) -> tuple[str, ...]:
    """Give what every check is told."""
    return ("--quick", "--no-ceiling", "--suspects", str(suspects))


def subjects(others: Path | None, only: str) -> Iterator[Subject]:
    """Yield every app that is not about its environment, which no linter sees."""
    yield from (of_corpus(root, only) for root in (CORPUS, UNSEEN))
    for title, folder in (("cases", None), ("shared", others)):
        known = shared(folder) if folder else apps() if title == "cases" else []
        for app in known:
            if not app.env:
                yield of_case(app, title)


def suspected(sources: Path, file: Path) -> int:
    """Let ruff write what it suspects into a file, as SARIF; give how much that is."""
    ruff = Path(sys.executable).parent / "ruff"
    command = [ruff, "check", "--isolated", "--select", "ASYNC2", "--output-format", "sarif"]
    done = subprocess.run(  # noqa: S603 - our own ruff, on our own sources
        [*command, "--exit-zero", sources], capture_output=True, check=True
    )
    file.write_bytes(done.stdout)
    return sum(len(run["results"]) for run in json.loads(done.stdout)["runs"])


def measured(subject: Subject) -> dict[str, Any] | None:
    """Check an app beside what ruff suspects in it; None where that is nothing."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "ruff.sarif"
        if not suspected(subject.sources, file):
            return None
        return subject.checked(file)


def row(name: str, counts: Sequence[int]) -> str:
    """Give one row of the table."""
    return f"| {name} | " + " | ".join(map(str, counts)) + " |"


def page(found: dict[str, Any]) -> str:
    """Give the table, with a list of every suspect beneath it."""
    runs = {name: run_file.from_json(saved["run"]) for name, saved in found.items()}
    rows, lists = [], []
    total: Counter[int] = Counter()
    for name, run in runs.items():
        states = Counter(each.state for each in run.suspects or ())
        nobody = unsuspected_lines(run)
        asked = run.coverage.asked if run.coverage else 0
        counts = [asked, states.total(), *(states[state] for state in STATES), len(nobody)]
        total.update(dict(enumerate(counts)))
        rows.append(row(name, counts))
        lists += [f"\n## {name}\n"]
        lists += [
            f"- **{STATES[each.state]}** `{suspect_title(each)}`: {suspect_said(each)}"
            for each in run.suspects or ()
        ]
        lists += [f"- measured, not suspected: `{line}`" for line in nobody]
    made = sorted({saved["made"] for saved in found.values()})
    head = [f"| {' | '.join(COLUMNS)} |", "| --- |" + " ---: |" * (len(COLUMNS) - 1)]
    sums = row("**all**", [total[at] for at in range(len(COLUMNS) - 1)])
    return HEAD + "\n".join([f"{'; '.join(made)}.", "", *head, *rows, sums, *lists]) + "\n"


def main() -> None:
    """Check the apps in which ruff suspects something, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--markdown", type=Path, help="write the page into this file")
    parser.add_argument("--json", type=Path, help="keep what was found here, and add to it")
    parser.add_argument("--shared", type=Path, help="a folder of more apps")
    parser.add_argument("-k", default="", help="only apps whose names contain this")
    parser.add_argument("--only", default="", help="of the corpora, only paths that match this")
    given = parser.parse_args()
    kept = given.json is not None and given.json.exists()
    found = json.loads(given.json.read_text(encoding="utf-8")) if kept else {}
    day = datetime.now(UTC).date().isoformat()
    made = f"{day}, Python {platform.python_version()}, {platform.system()}"
    for subject in subjects(given.shared, given.only):
        if given.k in subject.name and (run := measured(subject)) is not None:
            found[subject.name] = {"made": made, "run": run}
            print(row(subject.name, [len(run["suspects"])]), flush=True)
            if given.json is not None:
                given.json.write_text(json.dumps(found), encoding="utf-8")
    text = page(found)
    if given.markdown is not None:
        given.markdown.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
