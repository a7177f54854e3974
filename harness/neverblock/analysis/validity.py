"""The harness distrusts itself first: which rounds do not count, and why. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.model import CheckState, Diagnosis

if TYPE_CHECKING:
    from neverblock.analysis.measure import Round
    from neverblock.model import LoopTrace, Machine
    from neverblock.result import Judgement

LAG_SHARE = 0.1
"""A client that was late by more than this share of the wall measured itself."""

LAG_S = 0.02
"""Shorter lags than this are a busy machine's ordinary jitter."""

STEAL = 0.1
"""From this share of stolen time on, the hypervisor ran other machines instead."""

STARVED_SHARE = 0.25
"""The loop thread was runnable but without a core for more than this share of the wall ..."""

OTHERS_SHARE = 0.25
"""... and others than the server's own processes had this share of all cores meanwhile."""

OTHERS_MOST = 0.6
"""From this share of all cores on, other processes left the server too little, unless what its
threads waited for a core is known and changes nothing ..."""

OTHERS_ALL = 0.85
"""... and from this one on they left too little to what it asks in turn, which nobody watches."""

BY_WALL = {Diagnosis.SERIALIZED, Diagnosis.EXECUTOR_SATURATED, Diagnosis.CONCURRENT}
"""Diagnoses that a wall clock gives, and not what was seen of the loop thread."""


def only_wall_speaks(judgement: Judgement) -> bool:
    """Say whether a judgement hangs on a wall clock that was too long, and on nothing else.

    Noise only ever adds time, so a spoiled round may still acquit; and what the probe saw of the
    loop thread has the machine's part taken out already. Threads that ran out explain a long wall,
    and make none.
    """
    too_long = CheckState.FAIL in {judgement.checks.concurrency, judgement.checks.document}
    return too_long and judgement.diagnosis in BY_WALL


def spoiled(found: Round, *, stands: bool = False) -> str | None:
    """Say why a round does not count, or None where it does.

    ``stands`` says that it would be judged the same without all that the server's threads waited
    for a core: then who took the cores is no matter, but for what the server asks in turn.
    """
    wall_s = found.burst.wall_s
    lag_s = found.burst.client.max_lag_s
    if lag_s > max(LAG_S, LAG_SHARE * wall_s):
        return f"the client's own loop lagged by {lag_s * 1000:.0f} ms"
    if stands and (found.machine.busy or 0.0) <= OTHERS_ALL:
        return stolen(found.machine)
    return noisy(found.machine, found.trace, wall_s)


def stolen(machine: Machine) -> str | None:
    """Say so where the hypervisor ran others, which nobody in the machine sees."""
    if machine.steal > STEAL:
        return f"the hypervisor took {machine.steal:.0%} of the machine"
    return None


def noisy(machine: Machine, trace: LoopTrace | None, window_s: float) -> str | None:
    """Say how the machine spoiled a window of so many seconds, or None where it did not."""
    if why := stolen(machine):
        return why
    others = machine.busy or 0.0
    if others > OTHERS_MOST:
        return f"other processes took {others:.0%} of the machine"
    starved_s = sum(s.starved_s for s in trace.stalls) if trace else 0.0
    if starved_s > STARVED_SHARE * window_s and others > OTHERS_SHARE:
        return f"the loop thread had no core for {starved_s * 1000:.0f} of {window_s * 1000:.0f} ms"
    return None
