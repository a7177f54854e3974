"""What the machine did while a test ran, for the report of one that measured and failed."""

from __future__ import annotations

import time

import psutil


class Meanwhile:
    """Watches the whole machine from its making on; this process is a part of it."""

    def __init__(self):
        """Start watching."""
        self._since_s = time.monotonic()
        self._before = psutil.cpu_times()

    def __str__(self):
        """Say it in a line: for how long, the shares of all cores, and the load average."""
        now, before = psutil.cpu_times()._asdict(), self._before._asdict()
        kinds = now.keys() - {"guest", "guest_nice"}  # which user and nice have already counted
        spent = {kind: now[kind] - before[kind] for kind in kinds}
        all_s = sum(spent.values()) or 1.0
        idle_s = spent["idle"] + spent.get("iowait", 0.0)
        stolen_s = spent.get("steal", 0.0)
        return (
            f"{time.monotonic() - self._since_s:.1f} s: "
            f"cores busy {(all_s - idle_s - stolen_s) / all_s:.0%}, stolen {stolen_s / all_s:.1%}, "
            f"load average {' '.join(f'{load:.2f}' for load in psutil.getloadavg())}"
        )
