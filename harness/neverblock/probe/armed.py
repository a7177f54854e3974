"""What a probe says first: where it is, and what it cannot see there."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from .internals import has_gil

if TYPE_CHECKING:
    import asyncio

    from .thread_state import GilWait
    from .tier import Tier

UNTOLD = "Waits for the GIL could not be told apart."


def armed(
    loop: asyncio.AbstractEventLoop, loop_thread: int, tier: Tier, gil_wait: GilWait
) -> dict[str, Any]:
    """Give the trace's first record, of this process and the loop that is watched in it.

    To be called in the watchdog's thread, whose waits for a core are none of the app's.
    ``loop_thread`` is the system's id of the loop's, whose own the probe sees itself.
    """
    return {
        "kind": "armed",
        "at_s": time.monotonic(),
        "pid": os.getpid(),
        "watched": [threading.get_native_id(), loop_thread],
        "loop": "uvloop" if type(loop).__module__.startswith("uvloop") else "asyncio",
        "python": sys.version.split()[0],
        "gil": has_gil(),
        "tier": tier.name,
        "complaint": complaint(tier, gil_wait),
    }


def complaint(tier: Tier, gil_wait: GilWait) -> str | None:
    """Say that waits for the GIL cannot be told, where they were to be.

    None where a tier does not tell them, or there is no GIL: that is of the whole run, and said
    once in it.
    """
    return UNTOLD if has_gil() and tier.shows_calls and not gil_wait else None
