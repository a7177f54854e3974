"""What is drawn: the requests of one burst over time, and all walls against their serial bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from harness.judge import seconds
from harness.measure import computing_s, waiting_s
from harness.model import Verdict
from harness.render.canvas import at_most, boxes, canvas, crosses, name, rules
from harness.render.summary import printable, waits
from harness.render.svg import INKS, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from harness.model import Stall
    from harness.result import Measurement, Result

REQUESTS, OTHERS, LANE, GAP = 10.0, 2.6, 1.25, 1.2
"""Heights of the parts of a timeline, in rows of a burst of ten."""
HELD = {"loop waits": "fail", "loop computes": "compute", "GIL kept": "gil", "no core": "machine"}
"""The lanes of the loop's strip, and their colours."""
MARKS = {"gather": "o", "burst": "D"}
VERDICT_INKS = {Verdict.PASS: "pass", Verdict.FAIL: "fail"}


@dataclass(frozen=True, slots=True)
class Scale:
    """What charts side by side share: the seconds across, the longest waits, the loop's lanes."""

    span_s: float
    ping_s: float
    latency_s: float
    lanes: tuple[str, ...]


def common_scale(results: Sequence[Result]) -> Scale:
    """Give the scale on which all these bursts can be compared."""
    found = [(r, m) for r in results if (m := r.measurement) and r.records]
    spans = [max(x.done_s for x in r.records) - min(x.sent_s for x in r.records) for r, _ in found]
    lanes = {lane(stall) for _, m in found if m.loop for stall in m.loop.stalls}
    return Scale(
        span_s=max(spans, default=1.0) or 1.0,
        ping_s=max((longest_wait_s(m) for _, m in found), default=0.0) or 1.0,
        latency_s=max((x.done_s - x.sent_s for r, _ in found for x in r.records), default=1.0),
        lanes=tuple(each for each in HELD if each in lanes | {"loop waits", "loop computes"}),
    )


def longest_wait_s(m: Measurement) -> float:
    """Give the longest wait of a ping or of a light user."""
    return max(m.canary.longest_s, *(r.done_s - r.sent_s for r in m.light), 0.0)


def lane(stall: Stall) -> str:
    """Name what took most of a stall."""
    parts = {
        "loop waits": waiting_s(stall),
        "loop computes": computing_s(stall),
        "GIL kept": stall.gil_s,
    }
    parts["no core"] = stall.length_s - sum(parts.values())
    return max(parts, key=lambda each: parts[each])


def timeline(result: Result, measurement: Measurement, scale: Scale) -> Figure:
    """Draw the requests of a burst, beneath them the pings' waits and what held the loop."""
    rows = REQUESTS + GAP + OTHERS + GAP + LANE * len(scale.lanes)
    start_s = min(r.sent_s for r in result.records)
    with settings():
        figure, axes = canvas(rows, scale.span_s * 1.08)
        _requests(axes, result, measurement)
        _pings(axes, measurement, start_s, scale)
        strip(axes, measurement, start_s, scale)
    return figure


def _requests(axes: Axes, result: Result, m: Measurement) -> None:
    bars = waits(result.records, m.solo_s)
    height = REQUESTS / len(bars)
    middles = [(row + 0.5) * height for row in range(len(bars))]
    half, thin = 0.38 * height, 0.12 * height
    lines = list(zip(bars, middles, strict=True))
    boxes(axes, [(a, b, y - thin, y + thin) for (a, b, _), y in lines if b > a], "wait")
    boxes(axes, [(b, c, y - half, y + half) for (_, b, c), y in lines], "own")
    ordered = sorted(result.records, key=lambda r: r.done_s)
    failed = [(c, y) for ((_, _, c), y), r in zip(lines, ordered, strict=True) if not r.ok]
    crosses(axes, failed)
    name(axes, REQUESTS / 2, "requests")
    wall_s, limit_s = bars[-1][2], m.limit_s
    end = axes.get_xlim()[1]
    if limit_s < end:
        rules(axes, [(limit_s, 0, limit_s, REQUESTS)], "ink", lw=1, linestyle=(0, (2, 2)))
    far = wall_s > 0.5 * end
    axes.text(wall_s, -0.3, seconds(wall_s), ha="right" if far else "left", va="bottom",
              color=INKS["ink"], fontweight="bold")  # fmt: skip
    if limit_s < end and (far or limit_s > 2.2 * wall_s):
        axes.text(limit_s, -0.3, "limit", ha="center", va="bottom", color=INKS["soft"])


def _pings(axes: Axes, m: Measurement, start_s: float, scale: Scale) -> None:
    floor = REQUESTS + GAP + OTHERS
    end = axes.get_xlim()[1]
    step = max(m.canary.interval_s, end / 300)
    stems, lost = [], []
    for ping in m.canary.pings:
        at = ping.meant_s - start_s
        if not 0 <= at <= end:
            continue
        waited = scale.ping_s if ping.done_s is None else ping.done_s - ping.meant_s
        top = floor - max(0.06, OTHERS * min(1.0, waited / scale.ping_s))
        stems.append((at, at + 0.7 * step, top, floor))
        if ping.done_s is None or not ping.ok:
            lost.append((at, top))
    boxes(axes, stems, "wait")
    crosses(axes, lost)
    rules(axes, [(0, floor, end, floor)])
    name(axes, floor - OTHERS / 2, "others'\nwait")
    at_most(axes, floor - OTHERS, m.canary.longest_s)


def strip(axes: Axes, m: Measurement, start_s: float, scale: Scale) -> None:
    """Draw when the loop was held, and by what, a lane for each."""
    top = REQUESTS + GAP + OTHERS + GAP
    end = axes.get_xlim()[1]
    for number, held in enumerate(scale.lanes):
        middle = top + (number + 0.5) * LANE
        name(axes, middle, held)
        rules(axes, [(0, middle, end, middle)])
        if m.loop is None:
            continue
        spans = [(s.start_s - start_s, s.start_s - start_s + s.length_s)
                 for s in m.loop.stalls if lane(s) == held]  # fmt: skip
        boxes(axes, [(max(0, a), min(end, b), middle - 0.42, middle + 0.42)
                      for a, b in spans if b > 0 and a < end], HELD[held])  # fmt: skip
    if m.loop is None or not m.loop.armed:
        axes.text(0.5, top + LANE, "no probe", transform=axes.get_yaxis_transform(), ha="center",
                  va="center", color=INKS["soft"])  # fmt: skip


def overview(endpoints: Sequence[Sequence[Result]], document_limit_s: float) -> Figure:
    """Draw a row per endpoint: a track from its ideal to its serial bound, and where walls lie."""
    rows = len(endpoints)
    height_in = 0.25 * rows + 0.7
    with settings():
        figure = Figure(figsize=(8.6, height_in))
        axes = figure.add_axes((0.24, 0.32 / height_in, 0.74, 1 - 0.62 / height_in))
        axes.set_xscale("log")
        axes.set_ylim(rows - 0.4, -0.6)
        for row, results in enumerate(endpoints):
            _track(axes, row, results)
        axes.set_yticks(range(rows), [_short(group[0].endpoint.name) for group in endpoints])
        axes.vlines(document_limit_s, -0.6, rows - 0.4, colors=INKS["ink"], linestyles=(0, (3, 2)),
                    lw=1)  # fmt: skip
        axes.text(document_limit_s, -0.75, f"{seconds(document_limit_s)} limit", ha="center",
                  va="bottom", color=INKS["ink"])  # fmt: skip
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g} s"))
        axes.tick_params(length=3, color=INKS["line"], labelcolor=INKS["ink"])
        axes.tick_params(axis="y", length=0)
        for side, spine in axes.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(INKS["line"])
    return figure


def _track(axes: Axes, row: int, results: Sequence[Result]) -> None:
    for result in results:
        if m := result.measurement:
            axes.hlines(row, m.solo_s, m.serial_bound_s, colors=INKS["line"], lw=5)
            axes.plot([m.solo_s, m.serial_bound_s], [row, row], "|", color=INKS["soft"],
                      markersize=8)  # fmt: skip
            break
    for result in results:
        if m := result.measurement:
            ink = VERDICT_INKS.get(result.judgement.verdict, "unsure")
            filled = result.judgement.verdict is Verdict.PASS
            axes.plot(m.wall_s, row, MARKS.get(result.scenario.name, "s"), color=INKS[ink],
                      markersize=7, fillstyle="none" if filled else "full",
                      markeredgewidth=1.8)  # fmt: skip


def _short(name: str, most: int = 26) -> str:
    name = printable(name)
    return name if len(name) <= most else f"{name[: most - 12]}...{name[-9:]}"
