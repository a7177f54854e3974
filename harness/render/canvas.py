"""What charts are drawn with: few large paths, since a page holds hundreds of charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from harness.judge import seconds
from harness.render.svg import INKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

WIDTH_IN = 5.8
LEFT, RIGHT = 0.19, 0.985
ROW_IN = 0.16


def canvas(rows: float, span_s: float) -> tuple[Figure, Axes]:
    """Give a figure with seconds across and rows down, nothing drawn but the axis of time."""
    height_in = rows * ROW_IN + 0.5
    figure = Figure(figsize=(WIDTH_IN, height_in))
    figure.patch.set_visible(False)
    axes = figure.add_axes((LEFT, 0.3 / height_in, RIGHT - LEFT, 1 - 0.5 / height_in))
    axes.set_axis_off()
    axes.set_xlim(0, span_s)
    axes.set_ylim(rows, 0)
    ticks = [at for at in MaxNLocator(5).tick_values(0, span_s) if at <= span_s]
    rules(axes, [(0, rows, span_s, rows), *((at, rows, at, rows + 0.3) for at in ticks)])
    for at in ticks:
        axes.text(at, rows + 0.5, _tick(at, span_s), ha="center", va="top", color=INKS["soft"])
    return figure, axes


def _tick(value: float, span_s: float) -> str:
    if not value:
        return "0"
    return f"{value:g} s" if span_s > 1 else f"{value * 1000:g} ms"


def name(axes: Axes, y: float, text: str) -> None:
    """Name a lane in the left margin."""
    axes.text(-0.015, y, text, transform=axes.get_yaxis_transform(), ha="right", va="center",
              color=INKS["soft"])  # fmt: skip


def at_most(axes: Axes, top: float, longest_s: float) -> None:
    """Say above a lane what its longest wait was."""
    remark(axes, top, f"up to {seconds(longest_s)}")


def remark(axes: Axes, top: float, text: str) -> None:
    """Say something above the right end of a lane."""
    axes.text(0.998, top - 0.2, text, ha="right", va="bottom",
              transform=axes.get_yaxis_transform(), color=INKS["ink"])  # fmt: skip


def boxes(axes: Axes, corners: Sequence[tuple[float, float, float, float]], ink: str) -> None:
    """Draw boxes, each (left, right, top, bottom), as one path."""
    if not corners:
        return
    left, right, top, bottom = np.asarray(corners, dtype=float).T
    around = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    vertices = np.stack([np.stack(corner, axis=1) for corner in around], axis=1).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], len(corners))
    _add(axes, Path(vertices, codes), facecolor=INKS[ink], lw=0)


def skyline(axes: Axes, points: Sequence[tuple[float, float]], floor: float, ink: str) -> None:
    """Fill the area between a floor and a line through the points, each (x, y)."""
    if points:
        around = [(points[0][0], floor), *points, (points[-1][0], floor)]
        _add(axes, Path(around), facecolor=INKS[ink], lw=0)


def rules(
    axes: Axes,
    ends: Sequence[tuple[float, float, float, float]],
    ink: str = "line",
    **style: Any,
) -> None:
    """Draw straight lines, each from (x, y) to (x, y), as one path."""
    vertices = np.asarray(ends, dtype=float).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, Path.LINETO], len(ends))
    _add(axes, Path(vertices, codes), fill=False, edgecolor=INKS[ink], **{"lw": 0.8, **style})


def curve(axes: Axes, points: Sequence[tuple[float, float]], ink: str, **style: Any) -> None:
    """Draw one line through all the points, each (x, y)."""
    if points:
        _add(axes, Path(points), fill=False, edgecolor=INKS[ink], **{"lw": 1.6, **style})


def crosses(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    """Mark what failed."""
    if points:
        x, y = zip(*points, strict=True)
        axes.plot(x, y, "X", color=INKS["fail"], markersize=6, clip_on=False)


def _add(axes: Axes, path: Path, **style: Any) -> None:
    # add_patch would search every corner for the data's limits, which are set already
    axes.add_artist(PathPatch(path, **style)).set_clip_on(False)
