"""What is drawn of demands: a bar for each resource, as long as it takes of the wall at least."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.demands import (
    CORES,
    GENERATOR,
    GIL,
    LOOP_COMPUTING,
    LOOP_WAITING,
    UNKNOWN,
)
from neverblock.report.canvas import ROW_IN, WIDTH_IN, boxes, name, rules, sheet, write
from neverblock.report.resources import OWN_TIME, between, burst_s
from neverblock.report.svg import settings
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from neverblock.measurement import Measurement
    from neverblock.report.resources import Part

INKS = {
    OWN_TIME: "own",
    LOOP_WAITING: "fail",
    LOOP_COMPUTING: "compute",
    GIL: "gil",
    CORES: "machine",
    GENERATOR: "soft",
    UNKNOWN: "unsure",
}
"""The colour of each part; that of a pool of threads is that of waiting for others."""

LEFT_IN, RIGHT_IN, TOP_IN, BOTTOM_IN = 1.35, 1.4, 0.22, 0.06
ROWS_IN = 1.35 * ROW_IN
"""A bar and the space around it."""


def demand_chart(measurement: Measurement, parts: Sequence[Part]) -> Figure:
    """Draw the parts beneath each other, against the wall; what nothing explains ends at it.

    A bar is thick to its least and thin to its most.
    """
    wall_s = burst_s(measurement)
    height_in = len(parts) * ROWS_IN + TOP_IN + BOTTOM_IN
    with settings():
        on = sheet(
            (WIDTH_IN, height_in),
            (0, wall_s or 1.0, LEFT_IN, WIDTH_IN - RIGHT_IN),
            (0, len(parts), height_in - TOP_IN, BOTTOM_IN),
        )
        for row, part in enumerate(parts):
            middle = row + 0.5
            least_s, most_s = (min(end_s, wall_s) for end_s in (part.low_s, part.high_s))
            ends = [(0.0, least_s, 0.3), (least_s, most_s, 0.14)]
            if part.name == UNKNOWN:
                ends = [(wall_s - b, wall_s - a, half) for a, b, half in ends]
            for left, right, half in ends:
                bar = (left, right, middle - half, middle + half)
                boxes(on, [bar] if right > left else [], INKS.get(part.name, "wait"))
            name(on, middle, part.name)
            weight = "bold" if part.sets_wall else "normal"
            text = between(part.low_s, part.high_s)
            write(on, 1.02 * on.to_x, middle, text, ha="left", va="center", fontweight=weight)
        rules(on, [(wall_s, 0, wall_s, len(parts))], "ink", lw=1, linestyle=(0, (2, 2)))
        rules(on, [(0, 0, 0, len(parts))])
        write(on, wall_s, -0.2, f"wall {seconds(wall_s)}", ha="center", va="bottom")
    return on.figure
