"""What a null burst costs on this machine, which is taken off the walls."""

from __future__ import annotations

from collections import defaultdict
from statistics import median_low


class Floors:
    """What the null bursts of a run took, by engine and n."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._seen_s: dict[tuple[str, int], list[float]] = defaultdict(list)

    def take(self, engine: str, n: int, wall_s: float) -> float:
        """Remember a null burst; give what may be taken off the burst after it, in seconds.

        No more than the median of them, so far: of all noise, only that of a null burst could
        acquit wrongly.
        """
        seen_s = self._seen_s[engine, n]
        seen_s.append(wall_s)
        return min(wall_s, median_low(seen_s))
