"""The rows of the table of all endpoints: what every engine measured of each, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.analysis.urgency import WORST_FIRST
from neverblock.model import CheckState, Verdict
from neverblock.report import wall_axis
from neverblock.report.anchors import card_anchor
from neverblock.report.summary import printable
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

    from neverblock.model import Endpoint
    from neverblock.report.svg import Inliner
    from neverblock.result import Result, Run

STATES = (CheckState.FAIL, CheckState.PASS, CheckState.BLIND, CheckState.NOT_APPLICABLE)
"""What one check said over all scenarios is the first of these that occurs."""


@dataclass(frozen=True, slots=True)
class Line:
    """One endpoint: where it leads, its judgements, and what it is sorted by.

    ``judgements`` are verdict and diagnosis with the scenarios that say so. ``walls`` and ``rates``
    have a text for each burst and each crowd of the run, empty where that was not measured.
    """

    name: str
    link: str
    judgements: list[tuple[Verdict, str, str]]
    surprising: bool
    checks: dict[str, CheckState]
    wall_chart: Markup | None
    solo: str
    walls: list[str]
    rates: list[str]
    waited_s: float
    wall_s: float
    speedup: float

    @property
    def verdict(self) -> Verdict:
        """The worst of its verdicts."""
        return min((verdict for verdict, _, _ in self.judgements), key=WORST_FIRST.index)

    @property
    def keys(self) -> str:
        """The verdicts and diagnoses that a filter finds it by."""
        return " ".join(sorted({x for *both, _ in self.judgements for x in both}))


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one pair, or of one endpoint of a user's app."""

    name: str
    anchor: str
    lines: list[Line]

    @property
    def rank(self) -> int:
        """Where its worst verdict stands."""
        return min(WORST_FIRST.index(line.verdict) for line in self.lines)

    @property
    def calm(self) -> bool:
        """Whether there is nothing to look at: it passes, and teaches nothing."""
        return all(line.verdict is Verdict.PASS for line in self.lines)


@dataclass(frozen=True, slots=True)
class Table:
    """All groups, under the common axis and the names of their columns."""

    ruler: Markup | None
    bursts: list[str]
    crowds: list[str]
    groups: list[Group]

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many endpoints got each verdict that occurs, in any scenario."""
        verdicts = [
            {v for v, _, _ in line.judgements} for group in self.groups for line in group.lines
        ]
        numbers = {verdict: sum(verdict in each for each in verdicts) for verdict in Verdict}
        return {verdict: number for verdict, number in numbers.items() if number}

    @property
    def diagnoses(self) -> list[str]:
        """All that occur, for a choice."""
        lines = [line for group in self.groups for line in group.lines]
        return sorted({diagnosis for line in lines for _, diagnosis, _ in line.judgements})


def table(
    run: Run, groups: dict[str, list[Result]], anchors: dict[str, str], inliner: Inliner
) -> Table:
    """Lay out the results of a run, grouped and anchored, by endpoint."""
    measured = [r for r in run.results if r.measurement]
    bursts = list(dict.fromkeys(r.scenario.name for r in measured if not r.scenario.duration_s))
    crowds = list(dict.fromkeys(r.scenario.name for r in measured if r.scenario.duration_s))
    axis = wall_axis.common_axis(run.results)
    drawn = None
    if bursts:
        drawn = inliner.svg(
            wall_axis.ruler(axis),
            "The axis of all rows",
            "Seconds on a logarithmic scale, with the limit of the document check.",
        )
    return Table(
        drawn,
        bursts,
        crowds,
        [
            Group(
                name,
                anchors[name],
                [
                    _line(each, anchors[name], (bursts, crowds), axis, inliner)
                    for each in _by_endpoint(results)
                ],
            )
            for name, results in groups.items()
        ],
    )


def _by_endpoint(results: Iterable[Result]) -> list[list[Result]]:
    by_endpoint: dict[Endpoint, list[Result]] = {}
    for result in results:
        by_endpoint.setdefault(result.endpoint, []).append(result)
    return list(by_endpoint.values())


def _line(
    results: Sequence[Result],
    anchor: str,
    scenarios: tuple[list[str], list[str]],
    axis: wall_axis.Axis,
    inliner: Inliner,
) -> Line:
    measured = {r.scenario.name: m for r in results if (m := r.measurement)}
    bursts, crowds = scenarios
    walls = [measured[each] for each in bursts if each in measured]
    drawn = None
    if walls:
        walls_by_scenario = ", ".join(
            f"{seconds(measured[each].wall_s)} by {each}" for each in bursts if each in measured
        )
        drawn = inliner.svg(
            wall_axis.row_chart(axis, results),
            f"Wall of {printable(results[0].endpoint.name)}",
            f"{walls_by_scenario}; ideal {seconds(walls[0].solo_s)}, "
            f"in turn {seconds(walls[0].serial_bound_s)}",
        )
    return Line(
        name=results[0].endpoint.name,
        link=card_anchor(anchor, results[0]),
        judgements=_judgements(results),
        surprising=any(r.as_expected is False for r in results),
        checks=_checks(results),
        wall_chart=drawn,
        solo=seconds(walls[0].solo_s) if walls else "",
        walls=[seconds(measured[each].wall_s) if each in measured else "" for each in bursts],
        rates=[
            f"{measured[each].throughput_rps:.1f}/s" if each in measured else "" for each in crowds
        ],
        waited_s=max((m.canary.longest_s for m in measured.values()), default=0.0),
        wall_s=max((m.wall_s for m in walls), default=0.0),
        speedup=min((m.speedup for m in walls), default=0.0),
    )


def _judgements(results: Sequence[Result]) -> list[tuple[Verdict, str, str]]:
    """Give verdict and diagnosis once where all scenarios agree, else with who says so."""
    said: dict[tuple[Verdict, str], list[str]] = {}
    for r in results:
        key = (r.judgement.verdict, r.judgement.diagnosis.value)
        said.setdefault(key, []).append(r.scenario.name)
    agreed = len(said) == 1
    return [(*key, "" if agreed else ", ".join(names)) for key, names in said.items()]


def _checks(results: Sequence[Result]) -> dict[str, CheckState]:
    return {
        name: min((getattr(r.judgement.checks, name) for r in results), key=STATES.index)
        for name in ("document", "concurrency", "loop")
    }
