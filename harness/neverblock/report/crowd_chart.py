"""What is drawn of a crowd: answers a second, how long they took, and how long others waited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.report.canvas import boxes, name, remark, rules, skyline, timed
from neverblock.report.charts import GAP, LANE, OTHERS, REQUESTS, others, strip
from neverblock.report.scale import stretches
from neverblock.report.svg import settings
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from neverblock.measurement import Measurement
    from neverblock.report.canvas import Sheet
    from neverblock.report.scale import Scale, Stretch
    from neverblock.result import Result

RATE = 4.0
"""Height of the lane of answers a second; the latencies' is what is left of the requests'."""


def flow(result: Result, measurement: Measurement, scale: Scale) -> Figure:
    """Draw throughput and latency percentiles over time, others' waits, and the loop."""
    rows = REQUESTS + GAP + OTHERS + GAP + LANE * len(scale.lanes)
    cut = stretches(result.records, measurement.solo_s)
    with settings():
        on = timed(rows, scale.span_s * 1.08)
        _rates(on, cut, measurement, scale)
        _latencies(on, cut, scale)
        others(on, result, measurement, scale)
        strip(on, result, measurement, scale)
    return on.figure


def _rates(on: Sheet, cut: Sequence[Stretch], m: Measurement, scale: Scale) -> None:
    gap = 0.08 * (cut[0].to_s - cut[0].from_s)
    boxes(on, [(x.from_s + gap, x.to_s - gap, RATE * (1 - x.rate_rps / scale.rate_rps), RATE)
                 for x in cut if x.rate_rps], "own")  # fmt: skip
    rules(on, [(0, RATE, on.to_x, RATE)])
    name(on, RATE / 2, "answers\na second")
    remark(on, 0, f"{m.throughput_rps:.1f} a second")


def _latencies(on: Sheet, cut: Sequence[Stretch], scale: Scale) -> None:
    """Draw the 95th percentile as an area, and within it the median."""
    height = REQUESTS - RATE - GAP
    for ink, values in (("wait", [x.most_s for x in cut]), ("own", [x.half_s for x in cut])):
        points = []
        for stretch, value in zip(cut, values, strict=True):
            top = REQUESTS - height * min(1.0, (value or 0.0) / scale.latency_s)
            points += [(stretch.from_s, top), (stretch.to_s, top)]
        skyline(on, points, REQUESTS, ink)
    rules(on, [(0, REQUESTS, on.to_x, REQUESTS)])
    name(on, REQUESTS - height / 2, "took\np50, p95")
    longest_s = max((x.most_s or 0.0 for x in cut), default=0.0)
    remark(on, REQUESTS - height, f"up to {seconds(longest_s)}")
