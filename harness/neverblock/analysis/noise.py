"""Figures in; for how long the machine and the client may have delayed a burst out. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neverblock.measurement import Measurement


def unseen_share(m: Measurement) -> float:
    """Give the share of the time for which a thread may have had no core, and nobody saw it.

    Where the system does not count that, others had all cores for no larger share than they had of
    the cores' time.
    """
    machine = m.machine
    return (machine.busy or 0.0) if machine.starved_s is None else 0.0


def starved_s(m: Measurement) -> float:
    """Give for how long the server's threads, all together, were seen to want a core and have none.

    As the system counts it, but of the loop's thread as the probe saw it: that one as well stands
    still where whoever has the GIL has no core, and what a heartbeat waits for delays no request.
    """
    short_s = m.loop.starved_s if m.loop else 0.0
    return (m.machine.starved_s or 0.0) + max(short_s, late_s(m))


def perhaps_starved_s(m: Measurement) -> float:
    """Give for how long they wanted a core and had none, at most."""
    return _at_most(m, starved_s(m))


def late_s(m: Measurement) -> float:
    """Give for how long, in sum, the probe saw the loop's thread late for want of a core."""
    return m.loop.burst.starved_s * m.requests if m.loop else 0.0


def _at_most(m: Measurement, seen_s: float) -> float:
    """Give for how long threads had no core, at most, by how long they were seen to have none.

    Where the system does not count that, they wanted no more than what others had of the cores.
    """
    return max(seen_s, unseen_share(m) * m.wall_s * m.cpus)


def added_by_machine_s(m: Measurement) -> float:
    """Give what the machine and the client's lag may have added to a wall.

    A lack of cores slows down the server's threads, and whatever it asks in turn, which nobody
    watches, by the share of the time for which its threads wanted a core and had none; where
    requests were seen to wait for the app's own locks and sleeps instead, by no more than its
    threads waited for a core. Others cannot have delayed it for longer than they ran, and its own
    threads are no noise.
    """
    wall_s, without_s = m.wall_s, starved_s(m)
    wanted_s = (m.server_cpu_s or 0.0) + without_s
    slowed_s = wall_s * without_s / wanted_s if wanted_s else 0.0
    inside = m.loop.inside if m.loop else 0.0
    delayed_s = min(slowed_s, without_s + (1 - inside) * slowed_s) + wall_s * unseen_share(m)
    delayed_s = min(delayed_s, _others_s(m))
    return min(wall_s, delayed_s + stopped_s(m, wall_s) + client_s(m))


def client_s(m: Measurement) -> float:
    """Give for how long the client was late: one thread sends and reads, and its lags add up."""
    return max(m.client_lag_s, m.client_late_s)


def stopped_s(m: Measurement, window_s: float) -> float:
    """Give for how long nothing ran in a part of a burst: stolen, or beyond the quota."""
    return m.machine.steal * window_s + (m.machine.throttled_s or 0.0)


def woken_late_s(m: Measurement) -> float:
    """Give for how long threads that had something to do may have been kept from it, at most.

    By a lack of cores of their own, or of a loop that stood still with the GIL.
    """
    kept_s = _at_most(m, (m.machine.starved_s or 0.0) + late_s(m))
    return min(kept_s, _others_s(m)) + stopped_s(m, m.wall_s)


def _others_s(m: Measurement) -> float:
    """Give for how long others ran, who cannot have delayed anybody for longer than that."""
    return math.inf if m.machine.others_s is None else m.machine.others_s
