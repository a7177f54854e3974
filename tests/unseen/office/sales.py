"""The sales of a year, as a data frame."""

from __future__ import annotations

import pandas as pd

ROWS = 200_000
FRAME = pd.DataFrame(
    {
        "id": range(ROWS),
        "what": [f"thing {number}" for number in range(ROWS)],
        "price": [number / 7 for number in range(ROWS)],
    }
)


def as_json() -> str:
    """Encode all of it: one call in C, which keeps the GIL."""
    return FRAME.to_json(orient="records")  # blocks: frame_in_thread
