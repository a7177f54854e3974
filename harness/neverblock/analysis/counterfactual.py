"""What the figures would be, had the machine or the endpoint been otherwise. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neverblock.result import Measurement


def as_if(measurement: Measurement, solo_s: float, wall_s: float) -> Measurement:
    """Give the figures that decide about overlapping, had these times been measured."""
    m = measurement
    efficiency = m.requests * solo_s / (m.n * wall_s)
    return replace(m, solo_s=solo_s, wall_s=wall_s, efficiency=efficiency)


def with_loop_on_a_core(measurement: Measurement) -> Measurement:
    """Give the figures of a loop thread that computed no more and never waited for a core."""
    loop = measurement.loop
    if loop is None:
        return measurement
    return replace(measurement, loop=replace(loop, burst=replace(loop.burst, starved_s=0.0)))


def computing_at_best_s(measurement: Measurement) -> float:
    """Give how long what the server computed takes at least: spread over all cores."""
    return (measurement.server_cpu_s or 0.0) / measurement.cpus


def unstarved(measurement: Measurement) -> Measurement | None:
    """Give the figures that a server would have at best, with a core whenever it wanted one.

    All that its threads waited for a core is taken off the wall, though most of it was in nobody's
    way; but what it computed takes its time on all cores. None where it is not known, or as long as
    the wall.
    """
    m, starved_s = measurement, measurement.machine.starved_s
    if starved_s is None or starved_s >= m.wall_s:
        return None
    wall_s = max(m.wall_s - starved_s, computing_at_best_s(m))
    return as_if(with_loop_on_a_core(m), m.solo_s, wall_s)
