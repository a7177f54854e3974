"""What is drawn of a crowd: answers a second, how long they took, and the light user's waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.render.canvas import at_most, boxes, canvas, name, remark, rules, skyline
from harness.render.charts import GAP, LANE, OTHERS, REQUESTS, lane_of_waits, strip
from harness.render.scale import stretches
from harness.render.svg import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from harness.render.scale import Scale, Stretch
    from harness.result import Measurement, Result

RATE = 4.0
"""Height of the lane of answers a second; the latencies' is what is left of the requests'."""


def flow(result: Result, measurement: Measurement, scale: Scale) -> Figure:
    """Draw throughput and latency percentiles over time, others' waits, and the loop."""
    rows = REQUESTS + GAP + OTHERS + GAP + LANE * len(scale.lanes)
    found = stretches(result.records, measurement.solo_s)
    start_s = min(r.sent_s for r in result.records)
    light = [(max(0.0, r.sent_s - start_s), r.done_s - r.sent_s) for r in measurement.light]
    with settings():
        figure, axes = canvas(rows, scale.span_s * 1.08)
        _rates(axes, found, measurement, scale)
        _latencies(axes, found, scale)
        lane_of_waits(axes, light, measurement.canary.interval_s, scale)
        floor = REQUESTS + GAP + OTHERS
        name(axes, floor - OTHERS / 2, "light\nuser")
        if light:
            at_most(axes, floor - OTHERS, max(took for _, took in light))
        strip(axes, result, measurement, scale)
    return figure


def _rates(axes: Axes, found: Sequence[Stretch], m: Measurement, scale: Scale) -> None:
    gap = 0.08 * (found[0].to_s - found[0].from_s)
    boxes(axes, [(x.from_s + gap, x.to_s - gap, RATE * (1 - x.rate_rps / scale.rate_rps), RATE)
                 for x in found if x.rate_rps], "own")  # fmt: skip
    rules(axes, [(0, RATE, axes.get_xlim()[1], RATE)])
    name(axes, RATE / 2, "answers\na second")
    remark(axes, 0, f"{m.throughput_rps:.1f} a second")


def _latencies(axes: Axes, found: Sequence[Stretch], scale: Scale) -> None:
    """Draw the 95th percentile as an area, and within it the median."""
    height = REQUESTS - RATE - GAP
    for ink, values in (("wait", [x.most_s for x in found]), ("own", [x.half_s for x in found])):
        points = []
        for stretch, value in zip(found, values, strict=True):
            top = REQUESTS - height * min(1.0, (value or 0.0) / scale.latency_s)
            points += [(stretch.from_s, top), (stretch.to_s, top)]
        skyline(axes, points, REQUESTS, ink)
    rules(axes, [(0, REQUESTS, axes.get_xlim()[1], REQUESTS)])
    name(axes, REQUESTS - height / 2, "took\np50, p95")
    at_most(axes, REQUESTS - height, max((x.most_s or 0.0 for x in found), default=0.0))
