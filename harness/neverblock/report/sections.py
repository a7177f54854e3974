"""The page's part on each pair, or endpoint of a user's app: its charts, blame and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.report import charts, crowd_chart, tables
from neverblock.report.anchors import card_anchor
from neverblock.report.demand_chart import demand_chart
from neverblock.report.resources import cap_sentence, parts, sentence
from neverblock.report.scale import common_scale
from neverblock.report.summary import printable
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from neverblock.measurement import Measurement
    from neverblock.model import Endpoint, Scenario
    from neverblock.report.svg import Inliner
    from neverblock.result import Result


@dataclass(frozen=True, slots=True)
class Card:
    """One result, its anchor, its chart, and what each resource has of its wall."""

    anchor: str
    result: Result
    chart: Markup | None
    demands: Markup | None
    cap: str


@dataclass(frozen=True, slots=True)
class Row:
    """The variants of a pair under one scenario, side by side."""

    scenario: Scenario
    cards: list[Card]


@dataclass(frozen=True, slots=True)
class Section:
    """All that the page says under one heading."""

    anchor: str
    name: str
    rows: list[Row]
    blamed: list[Result]
    figures: Markup | None


def section(anchor: str, name: str, group: Sequence[Result], inliner: Inliner) -> Section:
    """Lay out the results of one group; each endpoint is blamed once, by its first scenario."""
    by_scenario: dict[Scenario, list[Result]] = {}
    blamed: dict[Endpoint, Result] = {}
    for result in group:
        by_scenario.setdefault(result.scenario, []).append(result)
        if result.blame:
            blamed.setdefault(result.endpoint, result)
    rows = [
        Row(scenario, _cards(anchor, results, inliner)) for scenario, results in by_scenario.items()
    ]
    return Section(anchor, name, rows, list(blamed.values()), tables.figures(group))


def _cards(anchor: str, results: Sequence[Result], inliner: Inliner) -> list[Card]:
    """Draw results of one scenario at one scale, so that they can be compared by eye."""
    scale = common_scale(results)
    cards = []
    for result in results:
        chart = None
        m = result.measurement
        if m is not None and result.records:
            draw = charts.timeline if result.scenario.duration_s is None else crowd_chart.flow
            title = f"{result.endpoint.name} under {result.scenario.name}"
            description = (
                f"{len(result.records)} requests over {seconds(m.wall_s)}, where one takes "
                f"{seconds(m.solo_s)}; other requests waited up to {seconds(m.canary.longest_s)}"
            )
            chart = inliner.svg(draw(result, m, scale), printable(title), description)
        demands = None if m is None else _demands(result, m, inliner)
        cap = "" if m is None else cap_sentence(m)
        cards.append(Card(card_anchor(anchor, result), result, chart, demands, cap))
    return cards


def _demands(result: Result, m: Measurement, inliner: Inliner) -> Markup | None:
    """Draw what each resource has of the wall; nothing where no demand is known."""
    if not (each := parts(m)):
        return None
    title = f"What {result.endpoint.name} needs under {result.scenario.name}"
    description = ". ".join(f"{part.name}: {sentence(part)}" for part in each)
    return inliner.svg(demand_chart(m, each), printable(title), description)
