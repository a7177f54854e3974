"""What is asked how much it can take, and where to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neverblock.run.order import Order


@dataclass(frozen=True, slots=True)
class CapacityOrder:
    """What is asked how much it can take: the target as for a check, and where to end.

    No more than ``most`` requests at once, for no longer than ``for_s`` for one endpoint, proof and
    latency with it. Without ``prove`` no limit is moved, and without ``steady`` no latency is
    measured. ``base`` orders the same of another state of the app, whose ceiling is measured in
    turns; ``least`` is the ratio to it that each ceiling is held to, if any. With ``mix``, Locust's
    options, the users of a locustfile ask in place of single endpoints, under the name
    ``mix_name``.
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
