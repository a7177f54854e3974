"""What held the loop during one request, each figure as a range. Pure."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from neverblock.analysis.demands import RESOLUTION_S, waited, waiting
from neverblock.analysis.samples import NOTHING, Range, around_median, around_medians, larger, spans

if TYPE_CHECKING:
    from neverblock.measurement import HoldFigures, Measurement


class Holds(NamedTuple):
    """Waiting in sum, in seconds and as a share of own time; computing and a kept GIL at once."""

    waiting_s: Range
    waiting_share: Range
    computing_s: Range
    gil_held_s: Range


NO_HOLDS = Holds(NOTHING, NOTHING, NOTHING, NOTHING)


def holds_of(measurement: Measurement) -> Holds:
    """Give what held the loop, alone and as one of a burst; nothing where there is no probe."""
    m, loop = measurement, measurement.loop
    if loop is None:
        return NO_HOLDS
    alone = list(map(partial(shares_of, m), loop.each, m.solo_samples_s))
    together = [shares_of(m, h, m.solo_s) for h in loop.rounds]
    gil_s = around_median([h.longest_gil_held_s for h in loop.each])
    perhaps_s = around_median([h.perhaps_gil_held_s for h in loop.each])
    # A thread without a core keeps the GIL for as long as others take the cores.
    surely_s = gil_s.low * (1 - (m.machine.busy or 0.0))
    return Holds(
        waiting_s=waiting(m, loop),
        waiting_share=larger(around_medians(alone), spans(together)),
        computing_s=around_median([h.longest_computing_s for h in loop.each]),
        gil_held_s=Range(surely_s, max(gil_s.high, perhaps_s.high)),
    )


def shares_of(m: Measurement, figures: HoldFigures, own_s: float) -> Range:
    """Give the wait of one request as a share of an endpoint's own time, as a range."""
    return Range(*(share_of(end, own_s) for end in waited(m, figures)))


def share_of(waiting_s: float, own_s: float) -> float:
    """Give a wait as a share of an endpoint's own time; 0 where the probe cannot tell it."""
    return waiting_s / own_s if waiting_s > RESOLUTION_S else 0.0
