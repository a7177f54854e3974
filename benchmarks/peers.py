"""Other tools on the corpus: what each finds, misses and accuses, written to docs/peers.md.

    python benchmarks/peers.py --python .venv-peers/bin/python [--neverblock RUN.json] [--only ruff]
        [--corpus tests/unseen --out PAGE.md]

Each tool runs in a process of its own, by the interpreter of the environment that
requirements/peers.lock was installed into. ``--neverblock`` adds this project's own row from a
saved run over the corpus. A tool that does not run here has a row that says why.

blocksnoop attaches from outside: it needs root, tracefs and debugfs at /sys/kernel, and an austin
that runs (the first on the PATH, else the one of its own environment).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

REPOSITORY = Path(__file__).parents[1]
CORPUS = REPOSITORY / "tests" / "corpus"
PAGE = REPOSITORY / "docs" / "peers.md"
DEADLINE_S = 600.0

sys.path.insert(0, str(CORPUS))

import truth  # noqa: E402 - found by the path above
from peers.score import HOLDS_THE_LOOP, QUEUES, Score, by_endpoint, comparable, score  # noqa: E402
from peers.stacks import frames_within  # noqa: E402
from peers.tools import LINTERS, MONITORS, OUTSIDE, Tool  # noqa: E402

HEAD = """# Other tools on the same corpus

neverblock was changed after it had seen this corpus, so its row is of a corpus seen before the
fix; the other tools have not seen it.

Made by `make peers`. The corpus has {cases} endpoints that fail or pass at the default limits:
{guilty} are guilty and {innocent} innocent. Linters read its source. Monitors watch its loop while
each endpoint is asked once, after a warm-up that they do not see.

*Right line* is generous: any stack that the tool reported for the endpoint, whose innermost frame
of the project's own code is the marked line, counts. Where the framework holds the loop, the
endpoint's function must be in the stack. Faults that only show under concurrency cannot be seen in
one request, and most of these tools do not claim to see requests that queue: those are columns of
their own. neverblock asks each endpoint as often as it does for any app, and is held to the first
place that it blames.

hydroid reads the app alone, without the tests beside it; a warning counts as much as an error.
Whom it names as the route counts, and so does whom the end of its chain is marked for. blocksnoop
attaches to the process from outside, as root, by eBPF and by sampling stacks.
"""

COLUMNS = (
    "tool",
    "version",
    "settings",
    "day",
    "blocking-io",
    "blocking-cpu",
    "gil-held",
    "queueing",
    "missed",
    "right line",
    "false alarms",
)


class NotRunError(Exception):
    """A tool that is installed did not run; the message is the last line of what it printed."""


def main() -> None:
    """Run what is asked for, print the table and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", type=Path, required=True, help="of the peers' environment")
    parser.add_argument("--neverblock", type=Path, help="a run.json over the corpus")
    parser.add_argument("--only", help="one tool, by the name of its distribution")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page (%(default)s)")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="its folder (%(default)s)")
    asked = parser.parse_args()

    root = asked.corpus.resolve()
    cases = comparable(truth.load(root))
    rows = [_row(COLUMNS), _row(["---"] * len(COLUMNS))]
    notes: list[str] = []
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    if asked.neverblock:
        run = json.loads(asked.neverblock.read_text())
        result = score(cases, findings_of_run(run, root))
        cells = ("**neverblock**", run["tool"]["version"], "the default limits")
        add(rows, notes, (*cells, run["started_at"][:10]), result)
    for tool in (*LINTERS, *MONITORS):
        if asked.only in (None, tool.distribution):
            version = version_of(asked.python, tool)
            if version is None:
                rows.append(_padded(tool.distribution, "not available here"))
                continue
            cells = (tool.distribution, version, tool.settings, today)
            print(f"{tool.distribution} {version}, {tool.settings}", file=sys.stderr)
            try:
                findings = findings_of(asked.python, tool, cases, root)
            except NotRunError as error:
                rows.append(_padded(*cells, f"did not run: {error}"))
            else:
                add(rows, notes, cells, score(cases, findings))

    guilty = sum(case.blamed is not None or case.diagnosis in QUEUES for case in cases)
    head = HEAD.format(cases=len(cases), guilty=guilty, innocent=len(cases) - guilty)
    page = "\n".join([head, *rows, "", *notes])
    asked.out.parent.mkdir(exist_ok=True)
    asked.out.write_text(page)
    print(page)


def findings_of(python: Path, tool: Tool, cases: list[truth.Case], root: Path) -> dict[str, Any]:
    """Run a tool over a corpus and give its findings by endpoint. Raises NotRunError."""
    command = [str(python), "-m", "peers.sweep", tool.adapter]
    if tool.threshold_s is not None:
        command.append(str(tool.threshold_s))
    search = os.pathsep.join(map(str, (CORPUS, REPOSITORY / "harness")))
    environment = {**os.environ, "PYTHONPATH": search, "CORPUS": str(root)}
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environment, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    if done.returncode:
        raise NotRunError((done.stderr.strip() or "no message").splitlines()[-1])
    answer = json.loads(done.stdout)
    if isinstance(answer, dict):
        return answer
    return by_endpoint(cases, [[tuple(frame) for frame in stack] for stack in answer], root)


def findings_of_run(run: dict[str, Any], root: Path) -> dict[str, Any]:
    """Give the findings of a saved run: an endpoint that failed, with the first line it blames."""
    findings = {}
    for result in run["results"]:
        if result["verdict"] == "fail":
            first = result["blame"][:1]
            frames = [(str(root / at["file"]), at["line"], at["function"]) for at in first]
            findings[result["endpoint"]["path"].rsplit("/", 1)[-1]] = [frames_within(root, frames)]
    return findings


def version_of(python: Path, tool: Tool) -> str | None:
    """Give the version that is installed there, or None."""
    if tool.distribution == "blocksnoop":
        python = python.parents[1] / OUTSIDE / "bin" / "python"
        if not python.exists():
            return None
    if tool.distribution == "asyncio":
        code = "import platform; print('Python', platform.python_version())"
    else:
        code = f"import importlib.metadata as m; print(m.version({tool.distribution!r}))"
    done = subprocess.run(  # noqa: S603 - our own command
        [str(python), "-c", code], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None


def add(rows: list[str], notes: list[str], cells: Sequence[str], result: Score) -> None:
    """Add a row of the table, which starts with cells, and what the tool missed and accused."""
    kinds = [_of(result.found[kind]) for kind in HOLDS_THE_LOOP]
    queueing = tuple(map(sum, zip(*(result.found[kind] for kind in QUEUES), strict=True)))
    missed = sum(of - found for found, of in result.found.values())
    figures = [*kinds, _of(queueing), str(missed), _of(result.right_line)]
    rows.append(_row([*cells, *figures, _of((len(result.accused), result.innocents))]))
    name, _, settings, _ = cells
    notes.append(f"**{name.strip('*')}, {settings}**")
    notes.append(f"- missed, of the kinds it sees: {', '.join(result.missed) or 'nothing'}")
    notes.append(f"- accused wrongly: {', '.join(result.accused) or 'nobody'}\n")


def _padded(*cells: str) -> str:
    return _row([*cells, *[""] * (len(COLUMNS) - len(cells))])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _of(part: tuple[int, ...]) -> str:
    return f"{part[0]} of {part[1]}"


if __name__ == "__main__":
    main()
