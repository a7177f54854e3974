"""The list of saved runs as a page, with a trend of each endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.errors import StoreError
from neverblock.model import Verdict
from neverblock.report import summary
from neverblock.report.anchors import anchors
from neverblock.report.canvas import curve, marks, rules, sheet
from neverblock.report.page_frame import fill
from neverblock.report.summary import printable
from neverblock.report.svg import Inliner, settings
from neverblock.report.wall_axis import VERDICT_INKS
from neverblock.units import seconds, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup
    from matplotlib.figure import Figure

    from neverblock.result import Run
    from neverblock.storage.history import Point, Trend

SIZE_IN = (3.0, 0.42)
MOST_POINTS = 40
"""Of a longer history the newest are drawn."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One run in the list: where it is, what it says, or why it cannot be read."""

    name: str
    run: Run | None
    answer: str
    counts: dict[Verdict, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint through the runs: its chart, and where it stands now."""

    trend: Trend
    chart: Markup
    now: str


def render(runs: Mapping[str, Run | StoreError], trends: Sequence[Trend], reports: str) -> str:
    """Give the page: the runs by name, newest first, and the trends by target."""
    inliner = Inliner()
    targets: dict[str, list[Row]] = {}
    for trend in trends:
        targets.setdefault(trend.target, []).append(_row(trend, inliner))
    return fill(
        "history.html",
        inliner.css,
        reports=reports,
        listed=[_listed(name, run) for name, run in runs.items()],
        targets=targets,
        anchors=anchors(targets),
    )


def _listed(name: str, run: Run | StoreError) -> Listed:
    if isinstance(run, StoreError):
        return Listed(name, None, str(run), {})
    return Listed(name, run, summary.answer(run), summary.counts(run.results))


def _row(trend: Trend, inliner: Inliner) -> Row:
    points = trend.points[-MOST_POINTS:]
    last = points[-1]
    now = "not measured"
    if last.share is not None and last.others_waited_s is not None:
        others = seconds(last.others_waited_s)
        now = f"{share(last.share)} of the serial bound; others waited {others}"
    verdicts = ", ".join(f"{point.run}: {point.verdict}" for point in points)
    title = f"{printable(trend.endpoint)} under {printable(trend.scenario)}"
    return Row(trend, inliner.svg(_chart(points), title, printable(verdicts)), now)


def _chart(points: Sequence[Point]) -> Figure:
    """Draw the wall over the serial bound from run to run: above is serial, below is free."""
    with settings():
        last = max(len(points) - 1, 1)
        on = sheet(SIZE_IN, (0, last, 0.12, SIZE_IN[0] - 0.12), (0, 1, 0.1, SIZE_IN[1] - 0.1))
        rules(on, [(0, 0, last, 0), (0, 1, last, 1)])
        placed = [(at, min(1.1, p.share)) for at, p in enumerate(points) if p.share is not None]
        if len(placed) > 1:
            curve(on, placed, "soft", lw=1)
        for verdict in Verdict:
            here = [
                (at, min(1.1, p.share if p.share is not None else 0.5))
                for at, p in enumerate(points)
                if p.verdict is verdict
            ]
            filled = "none" if verdict is Verdict.PASS else "full"
            marker = {Verdict.PASS: "o", Verdict.FAIL: "X"}.get(verdict, "s")
            ink = VERDICT_INKS.get(verdict, "unsure")
            marks(on, here, marker, ink, markersize=6, fillstyle=filled, markeredgewidth=1.4)
    return on.figure
