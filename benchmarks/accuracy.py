"""Measure the corpus again and again, and print how often verdict, diagnosis and line were right.

``python benchmarks/accuracy.py --runs 20 --neighbours 0 1 --markdown docs/accuracy.md``

Endpoints that only wait are measured in groups side by side, as a run does; the others alone.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_runs import CORPUS, cases_named, judge_all, measure, neighbours

from neverblock.observe.machine import installed, usable_cpus
from neverblock.storage.run_file import result_to_json

if TYPE_CHECKING:
    from judged import Judged

    from neverblock.result import Result

HEAD = """# Accuracy

This corpus was seen before the fix: the rules were made on it, so these figures are no
estimate of how often they are right elsewhere.

Every endpoint of the corpus in `tests/corpus/` is measured again and again, quiet and beside
neighbours that keep cores busy, and held to the truth in its source: by `make accuracy`, or in the
gate runs of `make flake`.
*Line* is right where the first place blamed is the marked line, or the endpoint's function where
the framework works on its behalf.
"""


def report(measured: list[Judged], busy: int, took_s: float) -> str:
    """Give what was measured beside that number of busy cores, as Markdown."""
    clear = [one for one in measured if not one.inconclusive]
    blamed = [one for one in clear if one.line is not None]
    times = Counter(one.name for one in measured).values()
    often = f"{min(times)}" if min(times) == max(times) else f"{min(times)} to {max(times)}"
    lines = [
        (
            f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()},"
            f" {usable_cpus():g} cores, {busy} of them kept busy by another process:"
            f" {len(times)} endpoints, each measured {often} times, in {took_s:.0f} s."
        ),
        "",
        "| | of | right |",
        "| --- | --- | --- |",
        f"| verdict | {len(clear)} | {sum(one.found == one.verdict for one in clear)} |",
        f"| diagnosis | {len(clear)} | {sum(x.found_diagnosis == x.diagnosis for x in clear)} |",
        f"| line | {len(blamed)} | {sum(bool(one.line) for one in blamed)} |",
        "",
        (
            f"False alarms: {sum(one.false_failure for one in clear)}."
            f" Misses: {sum(one.false_pass for one in clear)}."
            f" Inconclusive: {(len(measured) - len(clear)) / len(measured):.1%}."
        ),
        "",
        *confusion(clear),
    ]
    if wrong := Counter(described(one) for one in measured if not one.right):
        lines += ["", "Not right:", "", *(f"- {n} x {what}" for what, n in wrong.most_common())]
    return "\n".join(lines) + "\n"


def described(one: Judged) -> str:
    """Say in a line what was found instead of the truth, without its figures."""
    if one.inconclusive:
        return f"{one.name}: {one.diagnosis}, found inconclusive"
    where = one.why.partition(": ")[0]
    return f"{one.name}: {one.diagnosis}, found {where}{' (line)' * (one.line is False)}"


def confusion(clear: list[Judged]) -> list[str]:
    """Give the confusion matrix of the diagnoses, truth down and found across."""
    counts = Counter((one.diagnosis, one.found_diagnosis) for one in clear)
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
    root = options.corpus.resolve()
    cases = cases_named(options.k, root)
    reports = []
    for busy in options.neighbours:
        measured, results, began_s = [], [], time.monotonic()
        with neighbours(busy):
            for number in range(options.runs):
                results = measure(cases, options.loop, root)
                found = judge_all(cases, results)
                measured += found
                for one in found:
                    if not one.right:
                        print(f"{number + 1}: {one.name}: {one.why}", flush=True)
        reports.append(report(measured, busy, time.monotonic() - began_s))
        print(reports[-1], flush=True)
        if options.json:
            options.json.write_text(json.dumps(results_of(results)))
    if options.markdown:
        options.markdown.write_text(page(reports))


def page(reports: list[str]) -> str:
    """Give the page of the docs."""
    return "\n".join([HEAD, *reports])


def results_of(results: list[Result]) -> dict[str, object]:
    """Give results in a saved run's shape, which the comparison with other tools reads."""
    return {
        "tool": {"name": "neverblock", "version": installed("neverblock")},
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "results": [result_to_json(result) for result in results],
    }


if __name__ == "__main__":
    main()
