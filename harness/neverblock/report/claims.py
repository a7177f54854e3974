"""What the reference documentation says of blocking, and the figures that were measured for it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from neverblock.model import Diagnosis
from neverblock.report.scale import longest_wait_s
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from neverblock.measurement import Measurement
    from neverblock.result import Result, Run

Pairs = dict[str, dict[str, "Measurement"]]
"""The measurements of each pair's variants."""
TIMES = 2.0
"""Bad must be this many times worse than good before a pair bears a claim out."""
BLOCKING = {
    Diagnosis.BLOCKING,
    Diagnosis.BLOCKING_IO,
    Diagnosis.BLOCKING_CPU,
    Diagnosis.GIL_HELD,
}
PATIENCE_S = 1.0
"""Kubernetes' default timeout of a liveness probe, times the scale of the run."""
ENGINES = {"gather": "httpx", "locust": "Locust"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure for a claim: how it is read from a measurement, written, and compared.

    ``least`` is what the bad endpoint's must exceed to count at all, in the figure's own unit;
    None where less is worse.
    """

    name: str
    read: Callable[[Measurement], float]
    written: Callable[[float], str]
    least: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A figure by one engine: the medians over the pairs, bad and good, and how many bear it out.

    ``pairs`` has each pair's name, its figures as text (bad, good, better where there is
    one), and whether it bears the claim out.
    """

    figure: str
    engine: str
    bad: str
    good: str
    borne_out: int
    of: int
    pairs: tuple[tuple[str, str, str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the documentation, what was measured for it, and which pairs are otherwise.

    Those come with the diagnosis that explains it.
    """

    says: str
    lines: tuple[Line, ...]
    exceptions: dict[str, str]


def claims(run: Run) -> list[Claim]:
    """Give the claims with their figures; none where no pair has both its endpoints measured."""
    patience_s = PATIENCE_S * run.scale
    table = (
        (
            "Blocking makes all other endpoints stop.",
            Figure("another endpoint's longest wait", longest_wait_s, seconds,
                   run.criterion.loop_limit_s),
        ),
        (
            "The server becomes unresponsive.",
            Figure(f"requests to another endpoint without an answer in {patience_s:g} s",
                   lambda m: unanswered(m, patience_s), _share, 0.0),
        ),
        (
            "The server becomes unresponsive.",
            Figure("share of the time in which another endpoint waits for over "
                   f"{seconds(run.criterion.loop_limit_s)}",
                   lambda m: m.canary.share, _share, 0.0),
        ),
        (
            "Throughput drops dramatically.",
            Figure("requests a second", lambda m: m.throughput_rps, lambda x: f"{x:.1f}/s", None),
        ),
    )  # fmt: skip
    twins = _twins(run.results)
    by_claim: dict[str, tuple[Line, ...]] = {}
    for says, figure in table:
        by_claim[says] = by_claim.get(says, ()) + tuple(_lines(figure, twins))
    return [
        Claim(says, lines, _exceptions(lines, run.results))
        for says, lines in by_claim.items()
        if lines
    ]


def unanswered(m: Measurement, patience_s: float) -> float:
    """Give the share of the pings that had no answer within this many seconds."""
    pings = m.canary.pings
    late = sum(p.done_s is None or not p.ok or p.done_s - p.meant_s > patience_s for p in pings)
    return late / len(pings) if pings else 0.0


def _twins(results: Iterable[Result]) -> dict[str, Pairs]:
    """Give the variants of each pair that has both bad and good, by scenario and then by pair."""
    by_scenario: dict[str, Pairs] = {}
    for r in results:
        if r.endpoint.pair and r.endpoint.variant and r.measurement:
            by = f"{ENGINES.get(r.scenario.engine, r.scenario.engine)}, {r.scenario.name}"
            variants = by_scenario.setdefault(by, {}).setdefault(r.endpoint.pair, {})
            variants[r.endpoint.variant] = r.measurement
    both = {
        by: {name: each for name, each in pairs.items() if {"bad", "good"} <= set(each)}
        for by, pairs in by_scenario.items()
    }
    return {by: pairs for by, pairs in both.items() if pairs}


def _lines(figure: Figure, twins: dict[str, Pairs]) -> Iterable[Line]:
    for by, pairs in twins.items():
        read = {
            name: {variant: figure.read(m) for variant, m in variants.items()}
            for name, variants in pairs.items()
        }
        borne = {name: _bears_out(figure, of["bad"], of["good"]) for name, of in read.items()}
        yield Line(
            figure.name,
            by,
            figure.written(median(of["bad"] for of in read.values())),
            figure.written(median(of["good"] for of in read.values())),
            sum(borne.values()),
            len(borne),
            tuple(
                (
                    name,
                    figure.written(of["bad"]),
                    figure.written(of["good"]),
                    figure.written(of["better"]) if "better" in of else "",
                    borne[name],
                )
                for name, of in read.items()
            ),
        )


def _exceptions(lines: Iterable[Line], results: Iterable[Result]) -> dict[str, str]:
    """Name the pairs that some line does not bear out, each with what sets it apart.

    That is the bad endpoint's diagnosis where it leaves the loop free, else the good one's.
    """
    diagnoses: dict[tuple[str | None, str | None], Diagnosis] = {}
    for r in results:
        diagnoses.setdefault((r.endpoint.pair, r.endpoint.variant), r.judgement.diagnosis)
    exceptions = {}
    for name in dict.fromkeys(pair[0] for line in lines for pair in line.pairs if not pair[-1]):
        bad, good = diagnoses[name, "bad"], diagnoses[name, "good"]
        exceptions[name] = f"good is {good}" if bad in BLOCKING else f"bad is {bad}"
    return exceptions


def _bears_out(figure: Figure, bad: float, good: float) -> bool:
    if figure.least is None:
        return bad * TIMES <= good
    return bad > figure.least and bad >= TIMES * good


def _share(part: float) -> str:
    return f"{part:.0%}"
