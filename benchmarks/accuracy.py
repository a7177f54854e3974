"""Measure the corpus again and again, and print how often verdict, diagnosis and line were right.

``python benchmarks/accuracy.py --runs 20 --neighbours 0 1 --markdown docs/accuracy.md``

Endpoints that only wait are measured in lanes side by side, as a run does; the others alone.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from corpus_runs import CORPUS, Outcome, cases_named, measure, neighbours

from harness.machine import installed, usable_cpus
from harness.model import Verdict
from harness.store import result_to_json

HEAD = """# Accuracy

Made by `make accuracy`: every endpoint of the corpus in `tests/corpus/` is measured again and
again, quiet and beside a neighbour that keeps one core busy, and held to the truth in its source.
*Line* is right where the first place blamed is the marked line, or the endpoint's function where
the framework works on its behalf.
"""


def describe_wrong(outcome: Outcome) -> str:
    """Say in a line what was found instead of the truth."""
    case, judgement = outcome.case, outcome.result.judgement
    where = "-"
    if outcome.result.blame:
        worst = outcome.result.blame[0]
        where = f"{worst.file}:{worst.line} {worst.function}"
    told = f"{case.blamed.file}:{case.blamed.line}" if case.blamed else "-"
    return (
        f"{case.name}: {case.diagnosis} at {told}, found {judgement.diagnosis} at {where}"
        f" ({judgement.reason})"
    )


def table(outcomes: list[Outcome], runs: int, busy: int, took_s: float) -> str:
    """Give the report as Markdown."""
    judged = [o for o in outcomes if not o.inconclusive]
    wrong = [o for o in judged if not (o.verdict and o.diagnosis and o.line)]
    alarms = sum(
        o.case.verdict is not Verdict.FAIL and o.result.judgement.verdict is Verdict.FAIL
        for o in judged
    )
    misses = sum(
        o.case.verdict is Verdict.FAIL and o.result.judgement.verdict is Verdict.PASS
        for o in judged
    )
    share = (len(outcomes) - len(judged)) / max(1, len(outcomes))
    lines = [
        (
            f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()},"
            f" {usable_cpus()} cores, {busy} of them kept busy by another process:"
            f" {runs} runs of {len(outcomes) // max(1, runs)} endpoints in {took_s:.0f} s."
        ),
        "",
        "| | of | right |",
        "| --- | --- | --- |",
        f"| verdict | {len(judged)} | {sum(o.verdict for o in judged)} |",
        f"| diagnosis | {len(judged)} | {sum(o.diagnosis for o in judged)} |",
        (
            f"| line | {sum(o.case.blamed is not None for o in judged)}"
            f" | {sum(o.line for o in judged if o.case.blamed)} |"
        ),
        "",
        f"False alarms: {alarms}. Misses: {misses}. Inconclusive: {share:.1%}.",
        "",
        *confusion(judged),
    ]
    if wrong:
        counted = Counter(describe_wrong(o).partition(" (")[0] for o in wrong)
        lines += ["", "Not right:", "", *(f"- {n} x {what}" for what, n in counted.most_common())]
    return "\n".join(lines) + "\n"


def confusion(judged: list[Outcome]) -> list[str]:
    """Give the confusion matrix of the diagnoses, truth down and found across."""
    counts = Counter((o.case.diagnosis, o.result.judgement.diagnosis) for o in judged)
    found = sorted({column for _, column in counts})
    rows = sorted({row for row, _ in counts})
    return [
        "| truth \\ found | " + " | ".join(found) + " |",
        "| --- |" + " --- |" * len(found),
        *(
            f"| {row} | " + " | ".join(str(counts[row, c] or "") for c in found) + " |"
            for row in rows
        ),
    ]


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument(
        "--neighbours", type=int, nargs="+", default=[0, 1], help="cores kept busy meanwhile"
    )
    parser.add_argument("--loop", default="asyncio", choices=["asyncio", "uvloop"])
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="its folder (%(default)s)")
    parser.add_argument("-k", default="", help="only endpoints whose names contain this")
    parser.add_argument("--markdown", type=Path, help="write the report into this file")
    parser.add_argument("--json", type=Path, help="write the last run over all cases here")
    options = parser.parse_args()
    cases = cases_named(options.k, options.corpus.resolve())
    reports = []
    for busy in options.neighbours:
        outcomes, began_s = [], time.monotonic()
        with neighbours(busy):
            for number in range(options.runs):
                found = measure(cases, options.loop, options.corpus.resolve())
                outcomes += found
                for outcome in found:
                    if not (outcome.verdict and outcome.diagnosis and outcome.line):
                        print(f"{number + 1}: {describe_wrong(outcome)}", flush=True)
        reports.append(table(outcomes, options.runs, busy, time.monotonic() - began_s))
        print(reports[-1], flush=True)
        if options.json:
            options.json.write_text(json.dumps(results_of(outcomes[-len(cases) :])))
    if options.markdown:
        options.markdown.write_text("\n".join([HEAD, *reports]))


def results_of(outcomes: list[Outcome]) -> dict[str, object]:
    """Give results in a saved run's shape, which the comparison with other tools reads."""
    return {
        "tool": {"name": "neverblock", "version": installed("neverblock")},
        "results": [result_to_json(outcome.result) for outcome in outcomes],
    }


if __name__ == "__main__":
    main()
