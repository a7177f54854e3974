"""How soon the watchdog gets the GIL back from a loop thread that computes."""

from __future__ import annotations

import sys
import time

SWITCH_S = 0.0001
"""How soon the sampler gets the GIL from a loop thread that computes: a tenth of a sample."""


def pause(pause_s: float, *, loop_computes: bool) -> None:
    """Sleep until the next sample, which is to come wherever the loop thread then computes.

    Hazard: a thread that wants the GIL gets it where the one that has it waits for anything, or
    after the switch interval. With the usual one most samples of a computation that now and
    then opens a file would show it opening files. Others that wait for the GIL get it as fast
    meanwhile, so this is only where the loop thread itself computes.
    """
    if not loop_computes:
        time.sleep(pause_s)
        return
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(min(usual_s, SWITCH_S))
    try:
        time.sleep(pause_s)
    finally:
        sys.setswitchinterval(usual_s)
