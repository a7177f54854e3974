"""What runs of the gate came to: how often each kind was wrong, and how often at most it is."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, lgamma, log
from typing import TYPE_CHECKING

from harness.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

BOUND = 0.05
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
