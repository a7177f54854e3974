"""Tasks that begin at a fixed rate, whoever is still waiting for an answer: an open loop.

All users of a process share one schedule: whoever is free takes the next instant at which a task is
due. Where all of them wait for answers, it is taken late, and the first request of the task counts
from when it was due. Imported in a Locust process only.
"""

from __future__ import annotations

import time
from typing import Any
from weakref import WeakKeyDictionary

import locust

# isort: split
import gevent
from gevent.event import Event


class Arrivals:
    """Says when each task of this process is due, at a rate."""

    def __init__(self, rate_per_s: float) -> None:
        """Take the rate, in tasks a second of this process."""
        self._rate_per_s = rate_per_s
        self._all_there = Event()
        self._due_s: WeakKeyDictionary[object, float] = WeakKeyDictionary()
        self._next_s: float | None = None
        locust.events.spawning_complete.add_listener(lambda **_: self._all_there.set())

    def first(self) -> None:
        """Wait for all users, and then for when the next task is due."""
        self._all_there.wait()
        gevent.sleep(self.wait_s())

    def wait_s(self) -> float:
        """Take the next instant at which a task is due; give how far it is away, in seconds."""
        now_s = time.monotonic()
        due_s = now_s if self._next_s is None else self._next_s
        self._next_s = due_s + 1 / self._rate_per_s
        self._due_s[gevent.getcurrent()] = due_s
        return max(0.0, due_s - now_s)

    def counts_from(self, name: str, start_s: float, end_s: float) -> float:  # noqa: ARG002 - the protocol's
        """Give when the task was due, for its first request; all others count from their start."""
        return min(start_s, self._due_s.pop(gevent.getcurrent(), start_s))

    def take(self) -> dict[str, Any]:
        """Give nothing: all is said by the requests."""
        return {}

    def heed(self, order: dict[str, Any]) -> None:
        """Take no orders: the rate is all there is to know."""
