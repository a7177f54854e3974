"""What is drawn of a capacity: throughput and latency over n, with the bounds and the knee."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from neverblock.report.canvas import WIDTH_IN, curve, marks, name, rules, sheet, write
from neverblock.report.svg import settings
from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure

    from neverblock.report.canvas import Sheet
    from neverblock.result.capacity import Capacity, Level

LEFT_IN, RIGHT_IN, TOP_IN, BOTTOM_IN = 1.1, 0.35, 0.25, 0.4
HEIGHT_IN = 3.4
RATE, GAP, LATENCY = 10.0, 2.0, 6.0
"""Heights of the two lanes and of the space between, in rows."""


def capacity_chart(capacity: Capacity) -> Figure:
    """Draw the levels of a capacity; n is on a logarithmic axis.

    The upper lane has the rate with its intervals, beneath the bounds of operational analysis
    (dashed) and at the knee; the lower has the median and the 99th percentile.
    """
    levels = capacity.levels
    most = log(max(2, levels[-1].n))
    rows = RATE + GAP + LATENCY
    with settings():
        on = sheet(
            (WIDTH_IN, HEIGHT_IN),
            (0, most, LEFT_IN, WIDTH_IN - RIGHT_IN),
            (0, rows, HEIGHT_IN - TOP_IN, BOTTOM_IN),
        )
        _rates(on, capacity)
        _latencies(on, levels, rows)
        _axis(on, levels, rows)
    return on.figure


def _rates(on: Sheet, capacity: Capacity) -> None:
    levels = capacity.levels
    best = max(*(level.high_per_s for level in levels), capacity.predicted_per_s or 0.0)
    top = min(best, 1.5 * max(level.rate_per_s for level in levels)) * 1.1

    def height(per_s: float) -> float:
        return RATE * (1 - min(1.0, per_s / top))

    rules(on, [(0, RATE, on.to_x, RATE), (0, 0, 0, RATE)])
    _bounds(on, capacity, height, top)
    bars = [
        (log(each.n), height(each.low_per_s), log(each.n), height(each.high_per_s))
        for each in levels
    ]
    rules(on, bars, "own", lw=1.2)
    curve(on, [(log(each.n), height(each.rate_per_s)) for each in levels], "own", lw=1.6)
    marks(on, [(log(each.n), height(each.rate_per_s)) for each in levels], "o", "own", markersize=4)
    failed = [(log(each.n), height(each.rate_per_s)) for each in levels if each.failures]
    marks(on, failed, "X", "fail", markersize=7)
    name(on, RATE / 2, "answers\na second")
    if capacity.at_n is not None and capacity.ceiling_per_s is not None:
        knee = log(capacity.at_n)
        rules(on, [(knee, 0, knee, RATE)], "soft", lw=0.8, linestyle=(0, (1, 2)))
        said = f"{rate(capacity.ceiling_per_s)} a second from {capacity.at_n} at once"
        side = "right" if knee > on.to_x / 2 else "left"
        write(on, knee, -0.3, said, ha=side, va="bottom", fontweight="bold")


def _bounds(on: Sheet, capacity: Capacity, height: Callable[[float], float], top: float) -> None:
    """Draw what one request predicts: n of its own time a second, up to the lowest ceiling."""
    if not capacity.solo_s:
        return
    cap = capacity.predicted_per_s or top
    most = capacity.levels[-1].n
    points = [n for n in range(1, most + 1) if n / capacity.solo_s <= min(cap, top)]
    line = [(log(n), height(n / capacity.solo_s)) for n in points]
    knee = max(1.0, min(cap, top) * capacity.solo_s)
    if knee < most:
        line.append((log(knee), height(min(cap, top))))
        if capacity.predicted_per_s is not None and cap <= top:
            line.append((on.to_x, height(cap)))
    if len(line) > 1:
        curve(on, line, "ink", lw=1, linestyle=(0, (4, 3)))


def _latencies(on: Sheet, levels: Sequence[Level], rows: float) -> None:
    top_s = max(level.p99_s for level in levels) or 1.0
    for ink, values in (
        ("wait", [each.p99_s for each in levels]),
        ("own", [each.p50_s for each in levels]),
    ):
        points = [
            (log(each.n), rows - LATENCY * value / top_s)
            for each, value in zip(levels, values, strict=True)
        ]
        if len(points) > 1:
            curve(on, points, ink, lw=1.4)
        marks(on, points, "o", ink, markersize=3)
    rules(on, [(0, rows, on.to_x, rows), (0, rows - LATENCY, 0, rows)])
    name(on, rows - LATENCY / 2, "took\np50, p99")
    write(on, on.to_x, rows - LATENCY - 0.2, f"up to {seconds(top_s)}", ha="right", va="bottom")


def _axis(on: Sheet, levels: Sequence[Level], rows: float) -> None:
    last = -1.0
    for level in levels:
        at = log(level.n)
        rules(on, [(at, rows, at, rows + 0.3)])
        if at - last > 0.05 * on.to_x:
            write(on, at, rows + 0.5, str(level.n), "soft", ha="center", va="top")
            last = at
    write(on, -0.015 * on.to_x, rows + 0.5, "at once", "soft", ha="right", va="top")
