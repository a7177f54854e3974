"""What is computed in processes of its own as well; imports nothing that is slow to import."""

from __future__ import annotations

import csv
import io

EXPORT = "sku,name,price,stock\n" + "".join(
    f"{number},thing {number},{number}.99,{number % 7}\n" for number in range(100_000)
)


def read_export() -> int:
    """Parse the supplier's export, and count its rows."""
    rows = list(csv.DictReader(io.StringIO(EXPORT)))  # blocks: import_prices
    return len(rows)


def export_frame() -> int:
    """Encode the sales, of which each process has a copy, and measure the text."""
    from office import sales  # noqa: PLC0415 - slow to import, and not needed by all

    return len(sales.as_json())


def warm_up() -> int:
    """Import and compute everything once."""
    return read_export() + export_frame()
