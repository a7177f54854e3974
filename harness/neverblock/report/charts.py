"""What is drawn of a burst: its requests over time, others' waits, and what held the loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.report.canvas import (
    boxes,
    crosses,
    name,
    remark,
    rules,
    skyline,
    timed,
    write,
)
from neverblock.report.scale import FREE, LANES, occupied
from neverblock.report.summary import FAIR_PART, waits
from neverblock.report.svg import settings
from neverblock.units import seconds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from neverblock.measurement import Measurement
    from neverblock.report.canvas import Sheet
    from neverblock.report.scale import Scale
    from neverblock.result import Result

REQUESTS, OTHERS, LANE, GAP = 10.0, 2.6, 1.25, 1.2
"""Heights of the parts of a timeline, in rows of a burst of ten."""
MOST_LINES = 60
"""Of a larger burst as many requests are drawn, evenly spread over the order of their answers."""
NEAR = 0.2
"""Labels closer than this part of the width would run into each other."""
FINEST = 250
"""Steps across a chart; more than these an eye cannot tell apart."""


def timeline(result: Result, measurement: Measurement, scale: Scale) -> Figure:
    """Draw the requests of a burst, beneath them the pings' waits and what held the loop."""
    rows = REQUESTS + GAP + OTHERS + GAP + LANE * len(scale.lanes)
    with settings():
        on = timed(rows, scale.span_s * 1.08)
        _requests(on, result, measurement)
        others(on, result, measurement, scale)
        strip(on, result, measurement, scale)
    return on.figure


def _requests(on: Sheet, result: Result, m: Measurement) -> None:
    bars = waits(result.records, m.solo_s)
    height = REQUESTS / len(bars)
    ordered = sorted(result.records, key=lambda r: r.done_s)
    crosses(on, [(bars[row][2], (row + 0.5) * height)
                 for row, record in enumerate(ordered) if not record.ok])  # fmt: skip
    if len(bars) > MOST_LINES:
        bars = [bars[round(k * (len(bars) - 1) / (MOST_LINES - 1))] for k in range(MOST_LINES)]
        height = REQUESTS / MOST_LINES
    lines = [(*bar, (row + 0.5) * height) for row, bar in enumerate(bars)]
    half, thin = 0.38 * height, 0.12 * height
    boxes(on, [(a, b, y - thin, y + thin) for a, b, _, y in lines if b > a], "wait")
    boxes(on, [(b, c, y - half, y + half) for _, b, c, y in lines], "own")
    name(on, REQUESTS / 2, "requests")
    wall_s, limit_s = bars[-1][2], m.limit_s
    if limit_s < on.to_x:
        rules(on, [(limit_s, 0, limit_s, REQUESTS)], "ink", lw=1, linestyle=(0, (2, 2)))
    side = "right" if wall_s > 0.5 * on.to_x else "left"
    write(on, wall_s, -0.3, seconds(wall_s), ha=side, va="bottom", fontweight="bold")
    if limit_s < on.to_x and abs(limit_s - wall_s) > NEAR * on.to_x:
        write(on, limit_s, -0.3, "limit", "soft", ha="center", va="bottom")


def others(on: Sheet, result: Result, m: Measurement, scale: Scale) -> None:
    """Draw how long pings waited, by when they were due: the longest of each step of time."""
    floor = REQUESTS + GAP + OTHERS
    end = on.to_x
    start_s = min(r.sent_s for r in result.records)
    step = max(m.canary.interval_s, end / FINEST)
    tops: dict[int, float] = {}
    lost = []
    for ping in m.canary.pings:
        at = ping.meant_s - start_s
        if not 0 <= at <= end:
            continue
        waited = scale.ping_s if ping.done_s is None else ping.done_s - ping.meant_s
        top = floor - OTHERS * min(1.0, waited / scale.ping_s)
        tops[int(at / step)] = min(tops.get(int(at / step), floor), top)
        if ping.done_s is None or not ping.ok:
            lost.append((at, top))
    points = []
    for number in range(max(tops, default=-1) + 1):
        top = tops.get(number, floor)
        points += [(number * step, top), ((number + 1) * step, top)]
    skyline(on, points, floor, "wait")
    rules(on, [(0, floor, end, floor)])
    crosses(on, lost)
    name(on, floor - OTHERS / 2, "others'\nwait")
    longest = f"up to {seconds(m.canary.longest_s)}"
    if m.light:
        light_s = max(r.done_s - r.sent_s for r in m.light)
        longest += f", a light user {seconds(light_s)}"
    remark(on, floor - OTHERS, longest)


def strip(on: Sheet, result: Result, m: Measurement, scale: Scale) -> None:
    """Draw when the loop was free, held by application code or starved, a lane for each."""
    top = REQUESTS + GAP + OTHERS + GAP
    end = on.to_x
    start_s = min(r.sent_s for r in result.records)
    seen = m.loop is not None and m.loop.armed
    spans = occupied(m, start_s, max(r.done_s for r in result.records) - start_s) if seen else {}
    for number, each in enumerate(scale.lanes):
        middle = top + (number + 0.5) * LANE
        name(on, middle, each)
        rules(on, [(0, middle, end, middle)])
        half = 0.22 if each == FREE else 0.42
        boxes(on, [(a, b, middle - half, middle + half) for a, b in spans.get(each, ())],
              LANES[each])  # fmt: skip
    if not seen:
        write(on, 0.5 * end, top + LANE, "no probe", "soft", ha="center", va="center")
    else:
        remark(on, top, _remark(spans, m.wall_s))


def _remark(occupied_by: dict[str, list[tuple[float, float]]], wall_s: float) -> str:
    """Say for how long the loop was not free, and why, where that is a fair part of the wall."""
    spent_s = {each: sum(b - a for a, b in spans) for each, spans in occupied_by.items()}
    parts = {
        "held": spent_s["loop waits"] + spent_s["loop computes"],
        "GIL kept": spent_s["GIL kept"],
        "starved": spent_s["starved"],
    }
    texts = [f"{name} for {seconds(each_s)}" for name, each_s in parts.items()
            if each_s > FAIR_PART * wall_s]  # fmt: skip
    return ", ".join(texts) or "free"
