"""How late the loop of a Locust process is, by its own timer.

Imported in a Locust process only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import locust  # noqa: F401 - before all that it monkey-patches

# isort: split
import gevent

from neverblock.load.client_lag import LagMeter

if TYPE_CHECKING:
    from collections.abc import Callable

FLUSH_S = 0.25
"""What is lost with a generator that is killed, in seconds."""


def next_lag_s() -> float:
    """Wait until it is time to flush; give the longest lag of the loop meanwhile, in seconds."""
    with LagMeter(call_later) as meter:
        gevent.sleep(FLUSH_S)
    return meter.health.max_lag_s


def call_later(after_s: float, tick: Callable[[], None]) -> Callable[[], object]:
    """Call back from the loop itself: a greenlet for each tick takes a hundredth of a core."""
    timer = gevent.get_hub().loop.timer(after_s)
    timer.start(tick)
    stop: Callable[[], object] = timer.stop
    return stop
