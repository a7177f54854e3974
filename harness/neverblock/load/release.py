"""When a burst by several processes begins: all report, one may ask alone, an instant is named."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MEETING, READY, ASKED_ALONE, GONE = "meeting", "ready", "asked alone", "gone"

LEAD_S = 1.0
"""How far ahead the instant is named: four of the messages by which the processes hear of it."""


class Release:
    """Decides for all processes: one of them may ask alone, then an instant is named for each."""

    def __init__(self, named: Callable[[float], None], *, alone: bool = True) -> None:
        """Take what is told of the instant, by the clock of this process.

        Users of one process ask ``alone`` before it, unless what they ask is known to be warm.
        """
        self._named = named
        self._alone = alone
        self._states: dict[str, dict[str, Any]] = {}
        self._first: str | None = None
        self.at_s: float | None = None

    def take(self, process: str, told: dict[str, Any]) -> None:
        """Take how far a process is."""
        self._states[process] = told

    def step(self, processes: set[str]) -> None:
        """Decide what is next, once all of these processes are ready for it."""
        states = {process: self._states.get(process, {}) for process in processes}
        if not states or self.at_s is not None:
            return
        if self._first is None:
            if not all(told.get("state") == READY for told in states.values()):
                return
            if self._alone:
                self._first = max(states, key=lambda each: int(states[each]["users"]))
                return
        elif self._first in states and states[self._first]["state"] != ASKED_ALONE:
            return
        self.at_s = time.monotonic() + LEAD_S
        self._named(self.at_s)

    def order(self, process: str, ahead_s: float | None) -> dict[str, Any]:
        """Give the order for a process whose clock is ahead of this one; None: not known yet."""
        if self.at_s is not None and ahead_s is not None:
            return {"at_s": self.at_s + ahead_s}
        return {"alone": process == self._first}

    def over(self, processes: set[str]) -> bool:
        """Say whether all users of these processes have asked."""
        states = [self._states.get(process, {}).get("state") for process in processes]
        return self.at_s is not None and all(state == GONE for state in states)
