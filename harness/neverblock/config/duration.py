"""Times as people write them."""

from __future__ import annotations

import re

from neverblock.errors import UsageError

DURATION = r"(\d+(?:\.\d+)?)\s*(ms|s|)"


def duration(text: str) -> float:
    """Read seconds from ``50ms``, ``0.05s`` or ``0.05``. Raises UsageError for anything else."""
    match = re.fullmatch(DURATION, text.strip())
    if match is None or float(match[1]) == 0:
        raise UsageError(f"{text!r} is not a duration.", "Write it as 50ms or 0.05s.")
    return float(match[1]) / (1000 if match[2] == "ms" else 1)
