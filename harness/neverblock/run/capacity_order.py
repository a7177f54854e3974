"""What is asked how much it can take, and where to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neverblock.run.order import Order


@dataclass(frozen=True, slots=True)
class CapacityOrder:
    """What is asked how much it can take: the target as for a check, and where to end.

    No more than ``most`` requests at once, for no longer than ``for_s`` for one endpoint. Without
    ``prove`` no limit is moved.
    """

    order: Order
    most: int
    for_s: float
    prove: bool = True
