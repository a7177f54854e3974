"""Run the gate again and again, quiet and beside busy neighbours, and count how often it is wrong.

``python benchmarks/flake.py --runs 10 --budget 60 --markdown docs/reliability.md``

One turn is, for each number of cores that neighbours keep busy, one quick gate run of the reference
app as a command of its own, and one of a slice of the corpus. Every gate run is a line in the log,
so that a session may be cut and taken up again; lines of other code or another machine are left
aside. The page is made of all lines that count.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from math import exp, inf, lgamma, log
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_runs import cases_named, measure, neighbours

from harness.gate import decide
from harness.machine import usable_cpus
from harness.model import Verdict
from harness.policy import Policy
from harness.store import load

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
SLICES = 6
BOUND = 0.05
REFERENCE, CORPUS = "reference app", "corpus"
QUIET = {0: "quiet", 1: "one core busy"}
BUSY = "{} cores busy"

HEAD = """# Reliability

Made by `make flake`: the gate is run again and again, quiet and beside neighbours that keep cores
busy. A run of the *reference app* is `neverblock run --quick --scenario gather`, all of which has
to be as its pairs promise; a run of the *corpus* is a sixth of it, held to the truth in its source.

A *false failure* accuses an endpoint that is innocent, a *false pass* acquits one that is guilty. A
gate run is false where a single endpoint of it is. *At most* is the upper end of the one-sided 95%
interval of Clopper and Pearson ("The use of confidence or fiducial limits", Biometrika 26, 1934).
"""


@dataclass(frozen=True, slots=True)
class GateRun:
    """One run of the gate and what was wrong with it, by the names of the endpoints."""

    at: str
    code: str
    machine: str
    subject: str
    busy: int
    took_s: float
    endpoints: int
    false_failures: tuple[str, ...]
    false_passes: tuple[str, ...]
    errors: tuple[str, ...]
    inconclusive: tuple[str, ...]
    otherwise: tuple[str, ...]

    @property
    def false(self) -> bool:
        """Whether a person would have been told something wrong."""
        return bool(self.false_failures or self.false_passes or self.errors)


def gate_run(subject: str, busy: int, judged: list[tuple[str, Verdict, Verdict, bool]]) -> dict:
    """Sort (name, true verdict, found verdict, all else right) into what was wrong."""

    def named(wanted: Callable[[Verdict, Verdict, bool], bool]) -> tuple[str, ...]:
        return tuple(name for name, true, found, right in judged if wanted(true, found, right))

    return {
        "subject": subject,
        "busy": busy,
        "endpoints": len(judged),
        "false_failures": named(lambda t, f, _: f is Verdict.FAIL and t is not f),
        "false_passes": named(lambda t, f, _: f is Verdict.PASS and t is not f),
        "errors": named(lambda t, f, _: f is Verdict.ERROR and t is not f),
        "inconclusive": named(lambda _, f, __: f is Verdict.INCONCLUSIVE),
        "otherwise": named(lambda t, f, right: t is f and not right),
    }


def reference(busy: int, _: int) -> dict:
    """Run the quick gate on the reference app, as CI does, and hold its exit code to its run."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "run.json"
        command = [sys.executable, "-m", "harness", "run", "--quick", "--scenario", "gather"]
        options = ["--reports", folder, "--json", str(saved)]
        said = subprocess.run(  # noqa: S603 - our own command
            [*command, *options], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if not saved.exists():
            sys.exit(f"neverblock said nothing ({said.returncode}): {said.stderr}")
        run = load(saved)
    decision = decide(run, Policy(), today=date.today())  # noqa: DTZ011 - no allow, any day will do
    if said.returncode != decision.exit_code:
        sys.exit(f"The command says {said.returncode}, its saved run {decision.exit_code!r}.")
    judged = [
        (r.endpoint.name, r.expected.verdict, r.judgement.verdict, bool(r.as_expected))
        for r in run.results
        if r.expected and r.judgement.verdict is not Verdict.SKIPPED
    ]
    return gate_run(REFERENCE, busy, judged)


def corpus(busy: int, turn: int) -> dict:
    """Measure the slice of the corpus whose turn it is."""
    cases = cases_named("")[turn % SLICES :: SLICES]
    judged = [
        (o.case.name, o.case.verdict, o.result.judgement.verdict, o.diagnosis and o.line)
        for o in measure(cases, "asyncio")
    ]
    return gate_run(CORPUS, busy, judged)


SUBJECTS = {REFERENCE: reference, CORPUS: corpus}


def code() -> str:
    """Give a digest of all that could change a verdict."""
    digest = hashlib.sha256()
    for folder in ("harness", "target_app", "scenarios", "tests/corpus"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def machine() -> str:
    """Describe the machine in a few words."""
    return (
        f"{platform.system()} {platform.machine()}, {usable_cpus()} cores, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def upper_bound(events: int, trials: int) -> float:
    """Give the upper end of the one-sided 95% interval of a rate, by Clopper and Pearson."""
    if events >= trials:
        return 1.0
    low, high = events / trials, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        low, high = (rate, high) if at_most(events, trials, rate) > BOUND else (low, rate)
    return high


def at_most(events: int, trials: int, rate: float) -> float:
    """Give the chance of so many events or fewer, each of the trials having this rate."""
    return sum(
        exp(
            lgamma(trials + 1)
            - lgamma(k + 1)
            - lgamma(trials - k + 1)
            + k * (log(rate) if rate else -inf if k else 0.0)
            + (trials - k) * log(1 - rate)
        )
        for k in range(events + 1)
    )


def page(runs: list[GateRun]) -> str:
    """Give all gate runs as Markdown: the figures first, then what was wrong."""
    days = sorted({run.at[:10] for run in runs})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    hours = sum(run.took_s for run in runs) / 3600
    kinds = sorted({(run.subject, run.busy) for run in runs})
    columns = ("", "", "gate runs", "false", "at most", "verdicts", "false failures")
    more = ("false passes", "errors", "at most", "inconclusive", "other diagnosis or line")
    lines = [
        HEAD,
        f"{when}, {runs[0].machine}: {len(runs)} gate runs in {hours:.1f} h, code {runs[0].code}.",
        "",
        "| " + " | ".join([*columns, *more]) + " |",
        "| --- | --- |" + " ---: |" * (len(columns) + len(more) - 2),
        *("| " + " | ".join(row(*kind, runs)) + " |" for kind in kinds),
    ]
    if wrong := [told for run in runs for told in what_was_wrong(run)]:
        lines += ["", "What was wrong:", "", *wrong]
    return "\n".join(lines) + "\n"


def row(subject: str, busy: int, runs: list[GateRun]) -> list[str]:
    """Give the figures of one subject beside so many busy cores."""
    these = [run for run in runs if (run.subject, run.busy) == (subject, busy)]
    false = sum(run.false for run in these)
    verdicts = sum(run.endpoints for run in these)
    counts = {
        name: sum(len(getattr(run, name)) for run in these)
        for name in ("false_failures", "false_passes", "errors", "inconclusive", "otherwise")
    }
    wrong = counts["false_failures"] + counts["false_passes"] + counts["errors"]
    return [
        subject,
        QUIET.get(busy, BUSY.format(busy)),
        str(len(these)),
        str(false),
        f"{upper_bound(false, len(these)):.1%}",
        str(verdicts),
        str(counts["false_failures"]),
        str(counts["false_passes"]),
        str(counts["errors"]),
        f"{upper_bound(wrong, verdicts):.2%}",
        f"{counts['inconclusive']} ({counts['inconclusive'] / verdicts:.1%})",
        str(counts["otherwise"]),
    ]


def what_was_wrong(run: GateRun) -> list[str]:
    """Give a line for each kind of wrong that a gate run was."""
    beside = QUIET.get(run.busy, BUSY.format(run.busy))
    return [
        f"- {run.subject}, {beside}: {kind} {', '.join(names)}"
        for kind, names in (
            ("false failure of", run.false_failures),
            ("false pass of", run.false_passes),
            ("error of", run.errors),
            ("inconclusive", run.inconclusive),
            ("other diagnosis or line of", run.otherwise),
        )
        if names
    ]


def read(log: Path) -> list[GateRun]:
    """Give the gate runs in a log that this code made on this machine."""
    if not log.exists():
        return []
    kept = []
    for line in log.read_text(encoding="utf-8").splitlines():
        fields = {k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(line).items()}
        run = GateRun(**fields)
        if (run.code, run.machine) == (code(), machine()):
            kept.append(run)
    return kept


def main() -> None:
    """Read the options, run, and write the page after every gate run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="turns to take, beside those logged")
    parser.add_argument("--neighbours", type=int, nargs="+", default=[0, 1, usable_cpus()])
    parser.add_argument("--subjects", nargs="+", default=list(SUBJECTS), choices=list(SUBJECTS))
    parser.add_argument("--budget", type=float, default=inf, help="minutes after which none begins")
    parser.add_argument("--log", type=Path, default=ROOT / "reports" / "flake.jsonl")
    parser.add_argument("--markdown", type=Path, help="write the page into this file")
    options = parser.parse_args()
    options.log.parent.mkdir(parents=True, exist_ok=True)
    began_s, this, here = time.monotonic(), code(), machine()
    for _ in range(options.runs):
        for busy in options.neighbours:
            for subject in options.subjects:
                if time.monotonic() - began_s > options.budget * 60:
                    return
                done = [r for r in read(options.log) if (r.subject, r.busy) == (subject, busy)]
                since_s = time.monotonic()
                with neighbours(busy):
                    found = SUBJECTS[subject](busy, len(done))
                at = datetime.now(UTC).isoformat(timespec="seconds")
                took_s = round(time.monotonic() - since_s, 1)
                run = GateRun(at=at, code=this, machine=here, took_s=took_s, **found)
                with options.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(asdict(run)) + "\n")
                wrong = "; ".join(what_was_wrong(run)) or "all right"
                print(f"{at} {subject}, {busy} busy, {took_s:.0f} s: {wrong}", flush=True)
                if options.markdown:
                    options.markdown.write_text(page(read(options.log)), encoding="utf-8")


if __name__ == "__main__":
    main()
