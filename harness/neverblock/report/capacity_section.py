"""What the page says of each capacity: the title, the chart, and all that is said beneath it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.report.capacity_chart import capacity_chart
from neverblock.report.capacity_words import capacity_said, capacity_title
from neverblock.report.summary import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from neverblock.report.svg import Inliner
    from neverblock.result.capacity import Capacity


@dataclass(frozen=True, slots=True)
class CapacityCard:
    """One endpoint's capacity, laid out."""

    capacity: Capacity
    title: str
    chart: Markup | None
    said: tuple[tuple[str, str], ...]


def capacity_cards(capacities: Sequence[Capacity], inliner: Inliner) -> list[CapacityCard]:
    """Lay out each capacity, with its chart where it has levels."""
    return [
        CapacityCard(each, capacity_title(each), _chart(each, inliner), tuple(capacity_said(each)))
        for each in capacities
    ]


def _chart(capacity: Capacity, inliner: Inliner) -> Markup | None:
    if not capacity.levels:
        return None
    about = printable(f"Throughput and latency of {capacity.endpoint} by requests at once")
    return inliner.svg(capacity_chart(capacity), about, printable(capacity_title(capacity)))
