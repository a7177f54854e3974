"""What is asked how much it can take, and where to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.plan import Subject
    from neverblock.run.order import Order


@dataclass(frozen=True, slots=True)
class CapacityOrder:
    """What is asked how much it can take: the target as for a check, and where to end.

    No more than ``most`` requests at once, for no longer than ``for_s`` for one endpoint. Without
    ``prove`` no limit is moved, and without ``steady`` no latency is measured. ``base`` orders the
    same of another state of the app, whose ceiling is measured in turns; ``least`` is the ratio to
    it that each ceiling is held to, if any. With ``mix``, Locust's options, the users of a
    locustfile ask in place of single endpoints, under the name ``mix_name``.
    """

    order: Order
    most: int
    for_s: float
    prove: bool = True
    steady: bool = True
    base: Order | None = None
    least: float | None = None
    mix: tuple[str, ...] = ()
    mix_name: str = ""

    def chosen(self, subjects: Sequence[Subject]) -> tuple[Subject, ...]:
        """Give those to measure: what was named alone, unless an expression chooses more."""
        order = self.order
        alone = bool(order.named) and order.expression is None
        return tuple(s for s in subjects if not alone or s.endpoint.name in order.named)
