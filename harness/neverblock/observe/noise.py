"""How noisy the machine was during a run, for the reader to weigh."""

from __future__ import annotations

import re
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil

from neverblock.observe.machine import MachineMeter
from neverblock.probe.tier import may_read_kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.result import Result

PRESSURE = Path("/proc/pressure/cpu")
"""Linux: in microseconds, for how long some task was runnable without a core
(Documentation/accounting/psi.rst). Our own load counts too, so it is reported and not judged."""


class NoiseMeter:
    """Measures the noise of the machine from its creation to ``read``, for a whole run."""

    def __init__(self) -> None:
        """Start measuring."""
        self._machine = MachineMeter()
        self._since_s = time.monotonic()
        self._short_s = short_of_cores_s()

    def read(self, results: Sequence[Result]) -> dict[str, str]:
        """Describe the noise, name by name; what this machine does not measure is left out.

        The run queue is the system's one-minute load average, over the system's cores: those that a
        container may use are fewer, and its neighbours run on the others.
        """
        measured = [result.measurement for result in results if result.measurement]
        notes = {"steal": f"{self._machine.read(0.0).steal:.1%}"}
        if others := [m.machine.busy for m in measured if m.machine.busy is not None]:
            notes["others busy"] = f"{median(others):.0%}"
        notes["run queue"] = f"{psutil.getloadavg()[0] / (psutil.cpu_count() or 1):.1f} per core"
        now_s, passed_s = short_of_cores_s(), time.monotonic() - self._since_s
        if now_s is not None and self._short_s is not None and passed_s:
            notes["short of cores"] = (
                f"{min(1.0, (now_s - self._short_s) / passed_s):.0%} of the time"
            )
        return notes


def short_of_cores_s() -> float | None:
    """Give the seconds for which some task waited for a core since the start, if known."""
    if not may_read_kernel():
        return None
    try:
        pressure = PRESSURE.read_text(encoding="ascii")
    except OSError:
        return None
    total = re.search(r"^some .*total=(\d+)", pressure, re.MULTILINE)
    return int(total[1]) / 1e6 if total else None
