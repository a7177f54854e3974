"""Run the gate again and again, quiet and beside busy neighbours, and count how often it is wrong.

``python benchmarks/flake.py --runs 10 --budget 60 --markdown docs/reliability.md``

One turn is, for each number of cores that neighbours keep busy, one quick gate run of the reference
app as a command of its own, and one of a slice of the corpus; ``--subjects "whole corpus"`` takes
all of it at once, in about five minutes. Every gate run is a line in the log, so that a session may
be cut and taken up again. The page is made of all lines of this machine; those of earlier code are
counted apart.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import accuracy
from corpus_runs import cases_named, judge_all, measure, neighbours
from judged import Judged, judged
from reliability import GateRun, page

from neverblock.errors import ExitCode
from neverblock.gate.decide import decide
from neverblock.gate.policy import Policy
from neverblock.model import Verdict
from neverblock.observe.machine import usable_cpus
from neverblock.storage.run_file import load

if TYPE_CHECKING:
    from truth import Case

ROOT = Path(__file__).parents[1]
SLICES = 6
REFERENCE, CORPUS, WHOLE = "reference app", "corpus", "whole corpus"


def reference(_: int) -> list[Judged]:
    """Run the quick gate on the reference app, as CI does, and compare its exit code to its run."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "run.json"
        command = [sys.executable, "-m", "neverblock", "run", "--quick", "--scenario", "gather"]
        options = ["--reports", folder, "--json", str(saved)]
        env = {k: v for k, v in os.environ.items() if k != "NEVERBLOCK_REQUIRE_ALL"}
        said = subprocess.run(  # noqa: S603 - our own command
            [*command, *options], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        if said.returncode == ExitCode.NOT_MEASURED and not saved.exists():
            print(f"No verdicts: {said.stderr}", flush=True)
            return []
        if not saved.exists():
            sys.exit(f"neverblock said nothing ({said.returncode}): {said.stderr}")
        run = load(saved)
    decision = decide(run, Policy(), today=date.today())  # noqa: DTZ011 - no allow, any day will do
    if said.returncode != decision.exit_code:
        sys.exit(f"The command says {said.returncode}, its saved run {decision.exit_code!r}.")
    return [
        judged(result, result.expected.verdict, result.expected.diagnosis, line=None)
        for result in run.results
        if result.expected and result.judgement.verdict is not Verdict.SKIPPED
    ]


def corpus(turn: int) -> list[Judged]:
    """Measure the slice of the corpus whose turn it is."""
    return held_to_truth(cases_named("")[turn % SLICES :: SLICES])


def whole(_: int) -> list[Judged]:
    """Measure all of the corpus."""
    return held_to_truth(cases_named(""))


def held_to_truth(cases: list[Case]) -> list[Judged]:
    """Measure cases of the corpus once, and compare them to their truth."""
    return judge_all(cases, measure(cases, "asyncio"))


SUBJECTS = {REFERENCE: reference, CORPUS: corpus, WHOLE: whole}


def code() -> str:
    """Give a digest of all that could change a verdict; the tests beside the corpus could not."""
    digest = hashlib.sha256((ROOT / "benchmarks" / "corpus_runs.py").read_bytes())
    for folder in ("harness", "target_app", "scenarios", "tests/corpus"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not path.name.startswith("test_"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def machine() -> str:
    """Describe the machine in a few words."""
    return (
        f"{platform.system()} {platform.machine()}, {usable_cpus():g} cores, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def read(log: Path) -> list[list[GateRun]]:
    """Give the gate runs in a log that were made on this machine: of this code, then of earlier."""
    of_code: dict[str, list[GateRun]] = {code(): []}
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    for line in reversed(lines):
        fields = json.loads(line)
        run = GateRun(**fields | {"judged": tuple(Judged(*one) for one in fields["judged"])})
        if run.machine == machine():
            of_code.setdefault(run.code, []).insert(0, run)
    return list(of_code.values())


def write_pages(options: argparse.Namespace) -> None:
    """Write what was found so far, where that was asked for."""
    runs, *earlier = read(options.log)
    if options.markdown:
        options.markdown.write_text(page(runs, earlier), encoding="utf-8")
    if options.accuracy:
        of_corpus = [run for run in runs if run.subject in (CORPUS, WHOLE)]
        reports = []
        for busy in sorted({run.busy for run in of_corpus}):
            these = [run for run in of_corpus if run.busy == busy]
            measured = [one for run in these for one in run.judged]
            reports.append(accuracy.report(measured, busy, sum(run.took_s for run in these)))
        if reports:
            options.accuracy.write_text(accuracy.page(reports), encoding="utf-8")


def main() -> None:
    """Read the options, run, and write the page after every gate run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="turns to take, beside those logged")
    parser.add_argument(
        "--neighbours", type=int, nargs="+", default=[0, 1, math.ceil(usable_cpus())]
    )
    parser.add_argument(
        "--subjects", nargs="+", default=[REFERENCE, CORPUS], choices=list(SUBJECTS)
    )
    parser.add_argument("--budget", type=float, default=inf, help="minutes after which none begins")
    parser.add_argument("--log", type=Path, default=ROOT / "docs" / "reliability.jsonl")
    parser.add_argument("--markdown", type=Path, help="write the page into this file")
    parser.add_argument("--accuracy", type=Path, help="write how the corpus was judged in here")
    options = parser.parse_args()
    options.log.parent.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # ends neighbours too
    began_s, this, here = time.monotonic(), code(), machine()
    for _ in range(options.runs):
        for busy in options.neighbours:
            for subject in options.subjects:
                if time.monotonic() - began_s > options.budget * 60:
                    return
                done = [r for r in read(options.log)[0] if (r.subject, r.busy) == (subject, busy)]
                since_s = time.monotonic()
                with neighbours(busy):
                    found = tuple(SUBJECTS[subject](len(done)))
                at = datetime.now(UTC).isoformat(timespec="seconds")
                took_s = round(time.monotonic() - since_s, 1)
                run = GateRun(at, this, here, subject, busy, took_s, found)
                with options.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(asdict(run)) + "\n")
                lines = [f"{one.name}: {one.why}" for one in found if not one.right]
                wrong = "\n  ".join(lines) or "all right"
                print(f"{at} {subject}, {busy} busy, {took_s:.0f} s: {wrong}", flush=True)
                write_pages(options)


if __name__ == "__main__":
    main()
