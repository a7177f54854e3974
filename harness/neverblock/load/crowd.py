"""Users whose number can be changed while they ask; what a sweep needs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from neverblock.analysis.capacity.level import Answer


class Crowd(Protocol):
    """Users who each ask again when they have their answer, or when they come to it."""

    async def resize(self, n: int) -> None:
        """Have ``n`` users from now on, and forget what was answered before."""

    def answers(self, from_s: float) -> list[Answer]:
        """Give the requests that ended after an instant."""

    @property
    def whole_until_s(self) -> float:
        """Until when every request that had begun is among the answers."""

    @property
    def sent(self) -> int:
        """How many requests its users have sent so far, however often their number changed."""

    @property
    def cpu_s(self) -> float:
        """The CPU seconds of the thread that all users share, so far."""
