"""What measuring needs of a target, whoever serves it: we, a command, another process, a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from neverblock.errors import TargetError
    from neverblock.measurement import Frame
    from neverblock.target.usage import Usage


class Served(Protocol):
    """A target as measuring needs it: its URL, whether it runs, what it uses."""

    base_url: str

    @property
    def pid(self) -> int | None:
        """The process that serves, or None where that is not known."""

    @property
    def alive(self) -> bool:
        """Whether it still runs, as far as that is known."""

    def usage(self) -> Usage | None:
        """Give what it has used of the machine so far, or None where that cannot be known."""

    def death(self, since: int = 0) -> TargetError:
        """Give an error to raise that says how it ended, and what it printed since then."""

    def log_size(self) -> int:
        """Give how much it has printed so far, to read on from there."""

    def log_tail(self, since: int = 0) -> str:
        """Give the end of what it printed since then, empty where that is not known."""

    async def restart(self) -> None:
        """End what is left of it and start it anew, where it is ours to start.

        Raises TargetError where it cannot be started.
        """

    async def abort(self) -> tuple[Frame, ...]:
        """End it where it hangs, and give where it stood, innermost first; empty if not known."""
