"""What a null burst costs on this machine; walls are reduced by it."""

from __future__ import annotations

from collections import defaultdict
from statistics import median_low


class Floors:
    """The walls of the null bursts of a run, by engine and n."""

    def __init__(self) -> None:
        """Start without any."""
        self._seen_s: dict[tuple[str, int], list[float]] = defaultdict(list)

    def take(self, engine: str, n: int, wall_s: float) -> float:
        """Record the wall of a null burst; give the floor of the burst after it, in seconds.

        The floor is at most the median so far: an unusually slow null burst would otherwise make
        the burst after it look too good.
        """
        seen_s = self._seen_s[engine, n]
        seen_s.append(wall_s)
        return min(wall_s, median_low(seen_s))
