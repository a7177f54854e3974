"""Two runs side by side as a page: what changed first, each with both of its charts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.gate.change import Change
from neverblock.report import charts, crowd_chart
from neverblock.report.anchors import anchors
from neverblock.report.canvas import boxes, marks, rules, sheet
from neverblock.report.changes import LOAD_LEGEND, SYMBOLS, everything
from neverblock.report.flame import held, tree
from neverblock.report.flame_svg import MOST_FLAMES, flame
from neverblock.report.page_frame import fill
from neverblock.report.scale import common_scale
from neverblock.report.summary import printable
from neverblock.report.svg import Inliner, settings
from neverblock.units import seconds, share

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

    from neverblock.gate.compare import Comparison, Difference, Shift
    from neverblock.result import Result

SIZE_IN = (3.2, 0.5)
INKS = {Change.WORSE: "fail", Change.BETTER: "pass"}
ALARMING = {Change.NEWLY_BLOCKING, Change.WORSE, Change.GONE}


@dataclass(frozen=True, slots=True)
class Figured:
    """One figure in both runs, as text, and drawn with its ranges."""

    shift: Shift
    before: str
    now: str
    chart: Markup


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two results of an endpoint; both are None where that run has none."""

    name: str
    result: Result | None
    chart: Markup | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One endpoint under one scenario: what became of it, and by which figures."""

    difference: Difference
    anchor: str
    figures: list[Figured]
    sides: list[Side]


def render(comparison: Comparison) -> str:
    """Give the page. Raises UsageError on import where the extra ``report`` is not installed."""
    order = list(SYMBOLS)
    differences = sorted(comparison.differences, key=lambda each: order.index(each.change))
    names = anchors(f"{each.endpoint} {each.scenario}" for each in differences)
    inliner = Inliner()
    compared = [
        _compared(each, names[f"{each.endpoint} {each.scenario}"], inliner) for each in differences
    ]
    changed = [each for each in compared if each.difference.change is not Change.SAME]
    counts = Counter(each.change for each in everything(comparison))
    return fill(
        "compare.html",
        inliner.css,
        comparison=comparison,
        answer=_answer(counts, counts.total()),
        counts={change: counts[change] for change in SYMBOLS if counts[change]},
        change_symbols=SYMBOLS,
        load_legend=LOAD_LEGEND,
        alarming=ALARMING,
        compared=compared,
        changed=changed,
        flames=dict(zip(range(MOST_FLAMES), map(_flame, changed), strict=False)),
    )


def _answer(counts: Counter[Change], total: int) -> str:
    """Give the outcome in one sentence."""
    if not total:
        return "There is nothing to compare."
    worse = [f"{counts[each]} {each}" for each in SYMBOLS if each in ALARMING and counts[each]]
    if worse:
        return f"Of {total} results: {', '.join(worse)}."
    fixed = counts[Change.FIXED]
    return f"Nothing got worse in {total} results{f', and {fixed} of them fixed' if fixed else ''}."


def _compared(difference: Difference, anchor: str, inliner: Inliner) -> Compared:
    figures = [
        Figured(
            shift,
            _ranged(shift, "base"),
            _ranged(shift, "head"),
            inliner.svg(
                _ranges(shift),
                f"{printable(difference.endpoint)}: {shift.figure}",
                f"{_ranged(shift, 'base')} before, {_ranged(shift, 'head')} now",
            ),
        )
        for shift in difference.shifts
    ]
    sides = [] if difference.change is Change.SAME else _sides(difference, inliner)
    return Compared(difference, anchor, figures, sides)


def _flame(compared: Compared) -> Markup | None:
    """Draw what held the loop in both runs, of an endpoint that changed."""
    difference = compared.difference
    before, now = (
        [] if result is None else list(held(result))
        for result in (difference.base, difference.head)
    )
    return flame(tree(now, before), f"What held the loop in {difference.endpoint}", compared=True)


def _ranged(shift: Shift, side: str) -> str:
    interval = getattr(shift, side)
    return f"{share(interval.value)} ({share(interval.low)} to {share(interval.high)})"


def _sides(difference: Difference, inliner: Inliner) -> list[Side]:
    """Draw both results at one scale."""
    scale = common_scale([each for each in (difference.base, difference.head) if each])
    sides = []
    for name, result in (("before", difference.base), ("now", difference.head)):
        chart = None
        if result and (m := result.measurement) and result.records:
            draw = charts.timeline if result.scenario.duration_s is None else crowd_chart.flow
            description = f"{len(result.records)} requests over {seconds(m.wall_s)}"
            title = (
                f"{printable(difference.endpoint)} under {printable(difference.scenario)}, {name}"
            )
            chart = inliner.svg(draw(result, m, scale), title, description)
        sides.append(Side(name, result, chart))
    return sides


def _ranges(shift: Shift) -> Figure:
    """Draw both ranges on one axis from 0 to serial: before above, now beneath."""
    with settings():
        end = max(1.0, shift.base.high, shift.head.high)
        on = sheet(SIZE_IN, (0, end, 0.1, SIZE_IN[0] - 0.1), (2, 0, 0.06, SIZE_IN[1] - 0.06))
        rules(on, [(0, 0, 0, 2), (1, 0, 1, 2)])
        for row, (interval, ink) in enumerate(
            ((shift.base, "soft"), (shift.head, INKS.get(shift.change, "own")))
        ):
            boxes(on, [(interval.low, interval.high, row + 0.42, row + 0.58)], ink)
            marker = "o" if row else "|"
            marks(on, [(interval.value, row + 0.5)], marker, ink, markersize=7)
    return on.figure
