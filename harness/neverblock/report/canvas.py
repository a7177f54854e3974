"""What charts are drawn with: a bare sheet and few large paths, since a page holds hundreds.

matplotlib's axes make ticks, spines and labels of their own, which cost more time than all that is
drawn here; so shapes go straight into the figure, by a transform from seconds and rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D

from neverblock.report.svg import INKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.transforms import Transform

WIDTH_IN = 5.8
LEFT_IN, RIGHT_IN, TOP_IN, BOTTOM_IN = 1.1, 0.09, 0.2, 0.3
ROW_IN = 0.16


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure, the way from (x, y) on it into inches, and how far x reaches."""

    figure: Figure
    transform: Transform
    to_x: float


def sheet(
    size_in: tuple[float, float],
    x: tuple[float, float, float, float],
    y: tuple[float, float, float, float],
) -> Sheet:
    """Give an empty sheet; x and y say what lies where: (from, to, from inches, to inches)."""
    figure = Figure(figsize=size_in)
    figure.patch.set_visible(False)
    across, down = ((far_in - near_in) / (far - near) for near, far, near_in, far_in in (x, y))
    place = Affine2D().translate(-x[0], -y[0]).scale(across, down).translate(x[2], y[2])
    return Sheet(figure, place + figure.dpi_scale_trans, x[1])


def timed(rows: float, span_s: float, left_in: float = LEFT_IN) -> Sheet:
    """Give a sheet with seconds across and rows down, nothing drawn but the axis of time.

    ``left_in`` inches are left for names.
    """
    height_in = rows * ROW_IN + TOP_IN + BOTTOM_IN
    made = sheet(
        (WIDTH_IN, height_in),
        (0, span_s, left_in, WIDTH_IN - RIGHT_IN),
        (0, rows, height_in - TOP_IN, BOTTOM_IN),
    )
    ticks = [at for at in MaxNLocator(5).tick_values(0, span_s) if at <= span_s]
    rules(made, [(0, rows, span_s, rows), *((at, rows, at, rows + 0.3) for at in ticks)])
    for at in ticks:
        write(made, at, rows + 0.5, _tick(at, span_s), "soft", ha="center", va="top")
    return made


def _tick(value: float, span_s: float) -> str:
    if not value:
        return "0"
    return f"{value:g} s" if span_s > 1 else f"{value * 1000:g} ms"


def write(on: Sheet, x: float, y: float, text: str, ink: str = "ink", **style: Any) -> None:
    """Write a text at a place."""
    on.figure.add_artist(Text(x, y, text, color=INKS[ink], transform=on.transform, **style))


def name(on: Sheet, y: float, text: str) -> None:
    """Name a lane in the left margin."""
    write(on, -0.015 * on.to_x, y, text, "soft", ha="right", va="center")


def remark(on: Sheet, top: float, text: str) -> None:
    """Say something above the right end of a lane."""
    write(on, 0.998 * on.to_x, top - 0.2, text, ha="right", va="bottom")


def boxes(on: Sheet, corners: Sequence[tuple[float, float, float, float]], ink: str) -> None:
    """Draw boxes, each (left, right, top, bottom), as one path."""
    if not corners:
        return
    left, right, top, bottom = np.asarray(corners, dtype=float).T
    around = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    vertices = np.stack([np.stack(corner, axis=1) for corner in around], axis=1).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], len(corners))
    _add(on, Path(vertices, codes), facecolor=INKS[ink], lw=0)


def skyline(on: Sheet, points: Sequence[tuple[float, float]], floor: float, ink: str) -> None:
    """Fill the area between a floor and a line through the points, each (x, y)."""
    if points:
        around = [(points[0][0], floor), *points, (points[-1][0], floor)]
        _add(on, Path(around), facecolor=INKS[ink], lw=0)


def rules(
    on: Sheet,
    ends: Sequence[tuple[float, float, float, float]],
    ink: str = "line",
    **style: Any,
) -> None:
    """Draw straight lines, each from (x, y) to (x, y), as one path."""
    vertices = np.asarray(ends, dtype=float).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, Path.LINETO], len(ends))
    _add(on, Path(vertices, codes), fill=False, edgecolor=INKS[ink], **{"lw": 0.8, **style})


def curve(on: Sheet, points: Sequence[tuple[float, float]], ink: str, **style: Any) -> None:
    """Draw one line through the points, each (x, y)."""
    _add(on, Path(points), fill=False, edgecolor=INKS[ink], **style)


def marks(
    on: Sheet, points: Sequence[tuple[float, float]], marker: str, ink: str, **style: Any
) -> None:
    """Draw a mark at each point."""
    if points:
        x, y = zip(*points, strict=True)
        line = Line2D(x, y, linestyle="", marker=marker, color=INKS[ink], **style)
        line.set_transform(on.transform)
        on.figure.add_artist(line)


def crosses(on: Sheet, points: Sequence[tuple[float, float]]) -> None:
    """Mark what failed."""
    marks(on, points, "X", "fail", markersize=6)


def _add(on: Sheet, path: Path, **style: Any) -> None:
    on.figure.add_artist(PathPatch(path, transform=on.transform, **style))
