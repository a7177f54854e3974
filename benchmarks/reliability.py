"""What runs of the gate came to: how often each kind was wrong, and how often at most it is."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, lgamma, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judged import Judged

BOUND = 0.05
QUIET = {0: "quiet", 1: "one core busy"}
BUSY = "{} cores busy"

FALSE = {
    "false_failure": "false failure of",
    "false_pass": "false pass of",
    "error": "error of",
}
KINDS = FALSE | {"inconclusive": "inconclusive", "otherwise": "other diagnosis or line of"}
"""Of being wrong, and how that is said."""

HEAD = """# Reliability

Made by `make flake`: the gate is run again and again, quiet and beside neighbours that keep cores
busy. A run of the *reference app* is `neverblock run --quick --scenario gather`, all of which has
to be as its pairs promise; a run of the *corpus* is a sixth of it, one of the *whole corpus* all
of it, held to the truth in its source.

A *false failure* accuses an endpoint that is innocent, a *false pass* acquits one that is guilty. A
gate run is false where a single endpoint of it is. *At most* is the upper end of the one-sided 95%
interval of Clopper and Pearson ("The use of confidence or fiducial limits", Biometrika 26, 1934).

Every gate run is a line of [reliability.jsonl](reliability.jsonl), with what became of each
endpoint. Counted together are those of the same code on the same kind of machine; more may be added
to those of the code as it is, which come first.
"""


@dataclass(frozen=True, slots=True)
class GateRun:
    """One run of the gate: what became of every endpoint, and whether the exit code said so."""

    at: str
    code: str
    machine: str
    subject: str
    busy: int
    took_s: float
    judged: tuple[Judged, ...]

    def named(self, kind: str) -> tuple[str, ...]:
        """Give the endpoints that were wrong in this way."""
        return tuple(one.name for one in self.judged if getattr(one, kind))

    @property
    def false(self) -> bool:
        """Whether the report would have said something wrong."""
        return any(self.named(kind) for kind in FALSE)


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
    """Give the chance of at most this number of events, each of the trials having this rate."""
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


def page(now: list[GateRun], earlier: list[list[GateRun]]) -> str:
    """Give gate runs as Markdown: of the code as it is, then of earlier states, newest first."""
    lines = [HEAD, *summary(now)]
    for runs in earlier:
        lines += ["", f"## Earlier code {runs[0].code}", "", *summary(runs)]
    return "\n".join(lines) + "\n"


def summary(runs: list[GateRun]) -> list[str]:
    """Tell of the gate runs of one state of the code: the figures first, then what was wrong."""
    days = sorted({run.at[:10] for run in runs})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    hours = sum(run.took_s for run in runs) / 3600
    kinds = sorted({(run.subject, run.busy) for run in runs})
    columns = ("", "", "gate runs", "false", "at most", "verdicts", "false failures")
    more = ("false passes", "errors", "at most", "inconclusive", "other diagnosis or line")
    lines = [
        f"{when}, {runs[0].machine}: {len(runs)} gate runs in {hours:.1f} h, code {runs[0].code}.",
        "",
        "| " + " | ".join([*columns, *more]) + " |",
        "| --- | --- |" + " ---: |" * (len(columns) + len(more) - 2),
        *("| " + " | ".join(row(*kind, runs)) + " |" for kind in kinds),
    ]
    if wrong := [line for run in runs for line in what_was_wrong(run)]:
        lines += ["", "What was wrong:", "", *wrong]
    return lines


def row(subject: str, busy: int, runs: list[GateRun]) -> list[str]:
    """Give the figures of one subject beside that number of busy cores."""
    these = [run for run in runs if (run.subject, run.busy) == (subject, busy)]
    false = sum(run.false for run in these)
    verdicts = sum(len(run.judged) for run in these)
    counts = {kind: sum(len(run.named(kind)) for run in these) for kind in KINDS}
    wrong = sum(counts[kind] for kind in FALSE)
    return [
        subject,
        QUIET.get(busy, BUSY.format(busy)),
        str(len(these)),
        str(false),
        f"{upper_bound(false, len(these)):.1%}",
        str(verdicts),
        *(str(counts[kind]) for kind in FALSE),
        f"{upper_bound(wrong, verdicts):.2%}",
        f"{counts['inconclusive']} ({counts['inconclusive'] / verdicts:.1%})",
        str(counts["otherwise"]),
    ]


def what_was_wrong(run: GateRun) -> list[str]:
    """Give a line for each kind of wrong that a gate run was."""
    beside = QUIET.get(run.busy, BUSY.format(run.busy))
    return [
        f"- {run.subject}, {beside}: {title} {', '.join(names)}"
        for kind, title in KINDS.items()
        if (names := run.named(kind))
    ]
