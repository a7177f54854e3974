"""What is drawn of a crowd: how many were answered, how long they and the light user waited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from harness.render.canvas import at_most, boxes, canvas, name, rules
from harness.render.charts import GAP, LANE, OTHERS, REQUESTS, strip
from harness.render.svg import INKS, settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from harness.model import Record
    from harness.render.charts import Scale
    from harness.result import Measurement, Result


def flow(result: Result, measurement: Measurement, scale: Scale) -> Figure:
    """Draw the answers of a crowd over time, the latencies, and what held the loop."""
    rows = REQUESTS + GAP + OTHERS + GAP + LANE * len(scale.lanes)
    start_s = min(r.sent_s for r in result.records)
    with settings():
        figure, axes = canvas(rows, scale.span_s * 1.08)
        _latencies(axes, result.records, start_s, scale)
        _light(axes, measurement, start_s, scale)
        strip(axes, measurement, start_s, scale)
    return figure


def _latencies(axes: Axes, records: tuple[Record, ...], start_s: float, scale: Scale) -> None:
    """Draw a dot for each answer: when it came, and how long it took."""
    longest = scale.latency_s
    at = np.array([r.done_s - start_s for r in records])
    took = np.array([r.done_s - r.sent_s for r in records])
    axes.plot(at, REQUESTS * (1 - took / longest), "o", color=INKS["own"], markersize=4,
              clip_on=False)  # fmt: skip
    rules(axes, [(0, REQUESTS, axes.get_xlim()[1], REQUESTS)])
    name(axes, REQUESTS / 2, "answers\nafter")
    at_most(axes, 0, float(took.max()))


def _light(axes: Axes, m: Measurement, start_s: float, scale: Scale) -> None:
    floor = REQUESTS + GAP + OTHERS
    end = axes.get_xlim()[1]
    light = [(r.sent_s - start_s, r.done_s - r.sent_s) for r in m.light]
    stems = []
    for at, took in light:
        top = floor - OTHERS * min(1.0, took / scale.ping_s)
        stems.append((at, at + max(took, end / 300), top, floor))
    boxes(axes, stems, "wait")
    rules(axes, [(0, floor, end, floor)])
    name(axes, floor - OTHERS / 2, "light\nuser")
    if light:
        at_most(axes, floor - OTHERS, max(took for _, took in light))
