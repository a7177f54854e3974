"""What is drawn of an endpoint in one row: where its walls lie between the ideal and serial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from harness.judge import seconds
from harness.model import Verdict
from harness.render.svg import INKS, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from harness.result import Result

SIZE_IN = (4.2, 0.3)
MARKS = {"gather": "o", "burst": "D"}
VERDICT_INKS = {Verdict.PASS: "pass", Verdict.FAIL: "fail"}


@dataclass(frozen=True, slots=True)
class Axis:
    """The common axis of all rows: logarithmic, in seconds, with the limit of the document check."""

    from_s: float
    to_s: float
    limit_s: float


def common_axis(results: Sequence[Result], limit_s: float) -> Axis:
    """Give the axis that holds the ideal, the wall and the serial bound of every burst."""
    found = [m for r in results if (m := r.measurement) and not m.closed_loop]
    ends = [limit_s, *(x for m in found for x in (m.solo_s, m.serial_bound_s, m.wall_s) if x > 0)]
    return Axis(min(ends) / 1.35, max(ends) * 1.35, limit_s)


def track(axis: Axis, results: Sequence[Result]) -> Figure:
    """Draw one endpoint: a track from ideal to serial bound, the limit, a mark for each burst."""
    with settings():
        figure, axes = _row(axis, SIZE_IN)
        axes.vlines(axis.limit_s, -1, 1, colors=INKS["ink"], linestyles=(0, (2, 2)), lw=1)
        measured = [(r, m) for r in results if (m := r.measurement) and not m.closed_loop]
        for _, m in measured[:1]:
            axes.hlines(0, m.solo_s, m.serial_bound_s, colors=INKS["line"], lw=5)
            axes.plot([m.solo_s, m.serial_bound_s], [0, 0], "|", color=INKS["soft"],
                      markersize=9)  # fmt: skip
        for result, m in measured:
            ink = VERDICT_INKS.get(result.judgement.verdict, "unsure")
            filled = result.judgement.verdict is not Verdict.PASS
            axes.plot(m.wall_s, 0, MARKS.get(result.scenario.name, "s"), color=INKS[ink],
                      markersize=8, fillstyle="full" if filled else "none",
                      markeredgewidth=1.8)  # fmt: skip
    return figure


def ruler(axis: Axis) -> Figure:
    """Draw the axis itself: the seconds, and the limit."""
    with settings():
        figure, axes = _row(axis, (SIZE_IN[0], 0.42))
        ticks = [10.0**power * step for power in range(-4, 4) for step in (1, 3)]
        for at in ticks:
            if axis.from_s <= at <= axis.to_s:
                axes.vlines(at, -1, -0.7, colors=INKS["line"])
                axes.text(at, -0.5, _tick(at), ha="center", va="bottom", color=INKS["soft"])
        axes.text(axis.limit_s, 0.3, f"limit {seconds(axis.limit_s)}", ha="center", va="bottom",
                  color=INKS["ink"])  # fmt: skip
    return figure


def _tick(at: float) -> str:
    return f"{at:g} s" if at >= 1 else f"{at * 1000:g} ms"


def _row(axis: Axis, size_in: tuple[float, float]) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size_in)
    figure.patch.set_visible(False)
    axes = figure.add_axes((0.02, 0, 0.96, 1))
    axes.set_axis_off()
    axes.set_xscale("log")
    axes.set_xlim(axis.from_s, axis.to_s)
    axes.set_ylim(-1, 1)
    return figure, axes
