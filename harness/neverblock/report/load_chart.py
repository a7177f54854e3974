"""What is drawn of a load over time: every figure in a lane of its own, all on one axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.report.canvas import RIGHT_IN, remark, rules, skyline, timed, write
from neverblock.report.svg import settings
from neverblock.units import percent, rate, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from matplotlib.figure import Figure

    from neverblock.report.canvas import Sheet
    from neverblock.result import Moment

    Reading = Callable[[Moment], float | None]

LANE, GAP = 3.0, 1.4
"""Heights of a lane and of what is between two, in rows of text."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One figure over time: what it is called, its layers from behind, and how its most is told."""

    title: str
    layers: tuple[tuple[str, Reading], ...]
    told: Callable[[float], str]
    full: float | None = None


def _sum(*readings: Reading) -> Reading:
    def total(moment: Moment) -> float | None:
        values = [value for read in readings if (value := read(moment)) is not None]
        return sum(values) if values else None

    return total


def _of_processes(figure: str) -> Reading:
    def total(moment: Moment) -> float | None:
        values = [value for p in moment.processes if (value := getattr(p, figure)) is not None]
        return sum(values) if values else None

    return total


def _count(value: float) -> str:
    return f"{value:.0f}"


WAITING: Reading = lambda m: m.waiting  # noqa: E731 - a table of readings
COMPUTING: Reading = lambda m: m.computing  # noqa: E731 - the same
GIL: Reading = lambda m: m.gil  # noqa: E731 - the same
NO_CORE: Reading = lambda m: m.no_core  # noqa: E731 - the same

LANES = (
    Lane("users", (("own", lambda m: m.users),), _count),
    Lane(
        "answers a second",
        (
            ("own", lambda m: m.requests / m.length_s),
            ("fail", lambda m: m.failures / m.length_s),
        ),
        rate,
    ),
    Lane("took: p50, p95", (("wait", lambda m: m.p95_s), ("own", lambda m: m.p50_s)), seconds),
    Lane(
        "loops held",
        (
            ("machine", _sum(WAITING, COMPUTING, GIL, NO_CORE)),
            ("gil", _sum(WAITING, COMPUTING, GIL)),
            ("compute", _sum(WAITING, COMPUTING)),
            ("wait", WAITING),
        ),
        percent,
    ),
    Lane("in flight", (("own", lambda m: m.in_flight),), _count),
    Lane(
        "threads; waited for",
        (
            ("wait", _sum(lambda m: m.threads_taken, lambda m: m.threads_waited_for)),
            ("own", lambda m: m.threads_taken),
        ),
        _count,
    ),
    Lane("server's cores", (("compute", _of_processes("cpu_share")),), lambda v: f"{v:.2g}"),
    Lane(
        "server's memory",
        (("own", _of_processes("memory_bytes")),),
        lambda v: f"{v / 2**20:.0f} MB",
    ),
    Lane("server's tasks", (("own", _of_processes("tasks")),), _count),
    Lane(
        "generator's core",
        (("compute", lambda m: m.generator_cpu_share),),
        percent,
        full=1.0,
    ),
    Lane("generator's lag", (("wait", lambda m: m.generator_lag_s),), seconds),
)


def over_time(timeline: Sequence[Moment]) -> Figure:
    """Draw the lanes of which something is known, the first request of the load at 0."""
    shown = [lane for lane in LANES if any(_values(lane, moment) for moment in timeline)]
    span_s = timeline[-1].at_s + timeline[-1].length_s
    with settings():
        on = timed((LANE + GAP) * len(shown), span_s * 1.02, RIGHT_IN)
        for number, lane in enumerate(shown):
            _draw(on, lane, timeline, GAP + number * (LANE + GAP))
    return on.figure


def described(timeline: Sequence[Moment]) -> str:
    """Say what the drawing shows, for who does not see it: the most of each lane."""
    parts = []
    for lane in LANES:
        values = [value for moment in timeline for value in _values(lane, moment)]
        if values:
            parts.append(f"{lane.title} up to {lane.told(max(values))}")
    return ", ".join(parts)


def _values(lane: Lane, moment: Moment) -> list[float]:
    return [value for _, read in lane.layers if (value := read(moment)) is not None]


def _draw(on: Sheet, lane: Lane, timeline: Sequence[Moment], top: float) -> None:
    most = max(value for moment in timeline for value in _values(lane, moment))
    scale = lane.full or most or 1.0
    for ink, read in lane.layers:
        for stretch in _known(timeline, read):
            points = []
            for moment, value in stretch:
                y = top + LANE * (1 - min(1.0, value / scale))
                points += [(moment.at_s, y), (moment.at_s + moment.length_s, y)]
            skyline(on, points, top + LANE, ink)
    rules(on, [(0, top + LANE, on.to_x, top + LANE)])
    write(on, 0, top - 0.2, lane.title, "soft", ha="left", va="bottom")
    remark(on, top, f"up to {lane.told(most)}")


def _known(timeline: Sequence[Moment], read: Reading) -> Iterator[list[tuple[Moment, float]]]:
    """Yield stretches without a gap: what was not measured is not drawn, and is no zero."""
    stretch: list[tuple[Moment, float]] = []
    for moment in timeline:
        value = read(moment)
        if value is not None:
            stretch.append((moment, value))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch
