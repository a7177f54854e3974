"""What is drawn of a burst: its requests over time, others' waits, and what held the loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.judge import seconds
from harness.render.canvas import (
    at_most,
    boxes,
    canvas,
    crosses,
    name,
    remark,
    rules,
    skyline,
)
from harness.render.scale import FREE, LANES, occupied
from harness.render.summary import waits
from harness.render.svg import INKS, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from harness.render.scale import Scale
    from harness.result import Measurement, Result

REQUESTS, OTHERS, LANE, GAP = 10.0, 2.6, 1.25, 1.2
"""Heights of the parts of a timeline, in rows of a burst of ten."""
FINEST = 250
"""So many steps across show all that an eye can see."""


def timeline(result: Result, measurement: Measurement, scale: Scale) -> Figure:
    """Draw the requests of a burst, beneath them the pings' waits and what held the loop."""
    rows = REQUESTS + GAP + OTHERS + GAP + LANE * len(scale.lanes)
    start_s = min(r.sent_s for r in result.records)
    with settings():
        figure, axes = canvas(rows, scale.span_s * 1.08)
        _requests(axes, result, measurement)
        _pings(axes, measurement, start_s, scale)
        strip(axes, result, measurement, scale)
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
    waited, lost = [], []
    for ping in m.canary.pings:
        at = ping.meant_s - start_s
        if not 0 <= at <= end:
            continue
        took = scale.ping_s if ping.done_s is None else ping.done_s - ping.meant_s
        waited.append((at, took))
        if ping.done_s is None or not ping.ok:
            lost.append((at, floor - OTHERS * min(1.0, took / scale.ping_s)))
    lane_of_waits(axes, waited, m.canary.interval_s, scale)
    crosses(axes, lost)
    name(axes, floor - OTHERS / 2, "others'\nwait")
    at_most(axes, floor - OTHERS, m.canary.longest_s)


def lane_of_waits(
    axes: Axes, waited: Sequence[tuple[float, float]], each_s: float, scale: Scale
) -> None:
    """Draw how long others waited, by when they asked: the longest wait of each step of time."""
    floor = REQUESTS + GAP + OTHERS
    end = axes.get_xlim()[1]
    step = max(each_s, end / FINEST)
    longest: dict[int, float] = {}
    for at, took in waited:
        longest[int(at / step)] = max(longest.get(int(at / step), 0.0), took)
    points = []
    for number in range(max(longest, default=-1) + 1):
        top = floor - OTHERS * min(1.0, longest.get(number, 0.0) / scale.ping_s)
        points += [(number * step, top), ((number + 1) * step, top)]
    skyline(axes, points, floor, "wait")
    rules(axes, [(0, floor, end, floor)])


def strip(axes: Axes, result: Result, m: Measurement, scale: Scale) -> None:
    """Draw when the loop was free, held by application code or starved, a lane for each."""
    top = REQUESTS + GAP + OTHERS + GAP
    end = axes.get_xlim()[1]
    start_s = min(r.sent_s for r in result.records)
    seen = m.loop is not None and m.loop.armed
    found = occupied(m, start_s, max(r.done_s for r in result.records) - start_s) if seen else {}
    for number, each in enumerate(scale.lanes):
        middle = top + (number + 0.5) * LANE
        name(axes, middle, each)
        rules(axes, [(0, middle, end, middle)])
        half = 0.22 if each == FREE else 0.42
        boxes(axes, [(a, b, middle - half, middle + half) for a, b in found.get(each, ())],
              LANES[each])  # fmt: skip
    held_s = sum(b - a for each in ("loop waits", "loop computes") for a, b in found.get(each, ()))
    if not seen:
        axes.text(0.5, top + LANE, "no probe", transform=axes.get_yaxis_transform(), ha="center",
                  va="center", color=INKS["soft"])  # fmt: skip
    else:
        told = f"held for {seconds(held_s)}" if held_s else "never held"
        remark(axes, top, told)
