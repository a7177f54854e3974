"""Stalls with the requests that ran in them, where the probe numbers requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neverblock.measurement import Stall


@dataclass(frozen=True, slots=True)
class Cause:
    """The request that ran a sampled stack: its number within the process, and its route."""

    number: int
    route: str | None


@dataclass(frozen=True, slots=True)
class CausedStall:
    """A stall with the request that ran each of its stacks, in their order; None where unknown."""

    stall: Stall
    causes: tuple[Cause | None, ...]
