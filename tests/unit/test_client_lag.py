"""How late a loop was, by a timer on it: the longest, and all together."""

from __future__ import annotations

import time

from neverblock.load.client_lag import TICK_S, LagMeter


def test_lags_add_up_and_those_within_a_tick_do_not():
    """The timer is called by hand, on time and late."""
    ticks = []

    def call_later(_, tick):
        ticks.append(tick)
        return ticks.clear

    with LagMeter(call_later) as meter:
        ticks[-1]()
        in_time = meter.health
        for _ in range(2):
            time.sleep(4 * TICK_S)
            ticks[-1]()
        late = meter.health
    assert in_time.late_s == 0.0
    assert late.late_s > late.max_lag_s > TICK_S
