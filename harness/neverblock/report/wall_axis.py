"""What is drawn of an endpoint in one row: where its walls lie between the ideal and serial."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

from neverblock.model import Verdict
from neverblock.report.canvas import marks, rules, sheet, write
from neverblock.report.svg import settings
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from neverblock.report.canvas import Sheet
    from neverblock.result import Result

SIZE_IN = (4.2, 0.3)
APART = 2.5
"""Labels of limits that are not this many times apart would run into each other."""
FEW_DECADES = 500
"""An axis that spans less has room for two ticks a decade."""
MARKS = {"gather": "o", "burst": "D"}
VERDICT_INKS = {Verdict.PASS: "pass", Verdict.FAIL: "fail"}


@dataclass(frozen=True, slots=True)
class Axis:
    """The common axis of all rows: logarithmic, in seconds, with the document check's limits."""

    from_s: float
    to_s: float
    limits_s: tuple[float, ...]

    def at(self, time_s: float) -> float:
        """Give the place of a time, which is never to the left of the axis."""
        return log10(max(time_s, self.from_s))


def common_axis(results: Sequence[Result]) -> Axis:
    """Give the axis that holds ideal, wall, limit and serial bound of every burst."""
    bursts = [m for r in results if (m := r.measurement) and not m.closed_loop]
    limits_s = tuple(sorted({m.limit_s for m in bursts})) or (1.0,)
    spans = [(m.solo_s, m.serial_bound_s, m.wall_s) for m in bursts]
    ends = [*limits_s, *(x for span in spans for x in span if x > 0)]
    return Axis(min(ends) / 1.35, max(ends) * 1.35, limits_s)


def row_chart(axis: Axis, results: Sequence[Result]) -> Figure:
    """Draw one endpoint: a bar from ideal to serial bound, the limit, a mark for each burst."""
    with settings():
        on = _row(axis, SIZE_IN)
        measured = [(r, m) for r in results if (m := r.measurement) and not m.closed_loop]
        for _, m in measured[:1]:
            limit, solo, serial = (axis.at(x) for x in (m.limit_s, m.solo_s, m.serial_bound_s))
            rules(on, [(limit, -1, limit, 1)], "ink", lw=1, linestyle=(0, (2, 2)))
            rules(on, [(solo, 0, serial, 0)], lw=5)
            rules(on, [(end, -0.4, end, 0.4) for end in (solo, serial)], "soft", lw=1)
        for result, m in measured:
            verdict = result.judgement.verdict
            marks(
                on,
                [(axis.at(m.wall_s), 0)],
                MARKS.get(result.scenario.name, "s"),
                VERDICT_INKS.get(verdict, "unsure"),
                fillstyle="none" if verdict is Verdict.PASS else "full",
                markersize=8,
                markeredgewidth=1.8,
            )
    return on.figure


def ruler(axis: Axis) -> Figure:
    """Draw the axis itself: the seconds, and the limits."""
    with settings():
        on = _row(axis, (SIZE_IN[0], 0.42))
        steps = (1, 3) if axis.to_s < FEW_DECADES * axis.from_s else (1,)
        ticks = [10.0**power * step for power in range(-6, 5) for step in steps]
        for at in ticks:
            if axis.from_s <= at <= axis.to_s:
                rules(on, [(log10(at), -1, log10(at), -0.7)])
                write(on, log10(at), -0.5, _tick(at), "soft", ha="center", va="bottom")
        clear_of = 0.0
        for limit_s in axis.limits_s:
            if limit_s >= clear_of:
                text = f"limit {seconds(limit_s)}"
                write(on, log10(limit_s), 0.3, text, ha="center", va="bottom")
                clear_of = APART * limit_s
    return on.figure


def _tick(at: float) -> str:
    return f"{at:g} s" if at >= 1 else f"{at * 1000:g} ms"


def _row(axis: Axis, size_in: tuple[float, float]) -> Sheet:
    margin_in = 0.02 * size_in[0]
    return sheet(
        size_in,
        (log10(axis.from_s), log10(axis.to_s), margin_in, size_in[0] - margin_in),
        (-1, 1, 0, size_in[1]),
    )
