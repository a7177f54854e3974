"""A burst: all users meet, some ask alone one after another, then all ask at one named instant.

Imported in a Locust process only.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import locust

# isort: split
import gevent
from gevent.event import AsyncResult, Event
from locust.exception import StopUser

from neverblock.load.gc_off import gc_off
from neverblock.load.release import ASKED_ALONE, GONE, MEETING, READY

if TYPE_CHECKING:
    from locust.env import Environment

ALONE_S = 3.0
"""For how long users of one process begin to ask alone. With the second before the instant it is
less than the 5 s after which uvicorn closes a connection that nobody uses."""

POLL_S = 0.05


class Rendezvous:
    """The users of one process, who wait for their turn alone and for the instant."""

    def __init__(self, environment: Environment) -> None:
        """Take the environment; nobody has come yet."""
        self._environment = environment
        self._all_spawned = self._alone = False
        self._at_s: float | None = None
        self._waiting: dict[gevent.Greenlet, AsyncResult] = {}
        self._back = Event()
        self._went: WeakKeyDictionary[object, bool] = WeakKeyDictionary()
        self._state = MEETING
        self._asked_alone: list[tuple[str, float]] = []
        self._starts: list[float] = []
        locust.events.spawning_complete.add_listener(self._spawned)

    def first(self) -> None:
        """Wait for the others, and go alone or with all of them."""
        self._wait()

    def wait_s(self) -> float:
        """Wait once more, after the task alone; end the user after the one with all others."""
        if gevent.getcurrent() in self._went:
            raise StopUser
        self._wait()
        return 0.0

    def counts_from(self, name: str, start_s: float, end_s: float) -> float | None:
        """Count what is sent with all others, from its own start; keep what was asked alone."""
        me = gevent.getcurrent()
        if (noted := self._went.get(me)) is not None:
            if not noted:
                self._went[me] = True
                self._starts.append(start_s)
            return start_s
        if self._alone:
            self._asked_alone.append((name, end_s - start_s))
        return None

    def take(self) -> dict[str, Any]:
        """Give how far the process is, what was asked alone, and when each user began."""
        alone, starts = self._asked_alone, self._starts
        self._asked_alone, self._starts = [], []
        users = len(self._waiting)
        return {"state": self.state(), "users": users, "alone": alone, "starts": starts}

    def state(self) -> str:
        """Say how far the process is."""
        runner = self._environment.runner
        users = 0 if runner is None else runner.user_count
        if self._state == MEETING and self._all_spawned and len(self._waiting) >= users:
            self._state = READY
        if self._at_s is not None and time.monotonic() > self._at_s and not users:
            self._state = GONE
        return self._state

    def heed(self, order: dict[str, Any]) -> None:
        """Let users ask alone, or all of them at ``at_s``; an order may come again and again."""
        if order.get("alone") and not self._alone:
            self._alone = True
            gevent.spawn(self._ask_alone)
        if (at_s := order.get("at_s")) is not None and self._at_s is None:
            self._at_s = at_s
            gc_off.__enter__()  # to the end of the process, which is that of the burst
            for released in self._waiting.values():
                released.set(at_s)

    def _spawned(self, **_: Any) -> None:
        self._all_spawned = True

    def _wait(self) -> None:
        me = gevent.getcurrent()
        released = self._waiting[me] = AsyncResult()
        self._back.set()
        if self._at_s is not None:
            released.set(self._at_s)
        try:
            at_s = released.get()
            if at_s is not None:
                gevent.sleep(max(0.0, at_s - time.monotonic()))
                self._went[me] = False
        finally:
            self._waiting.pop(me, None)

    def _ask_alone(self) -> None:
        until_s = time.monotonic() + ALONE_S
        for user, released in list(self._waiting.items()):
            if time.monotonic() > until_s:
                break
            self._back.clear()
            released.set(None)
            while not (self._back.wait(POLL_S) or user.dead):
                pass
        self._state = ASKED_ALONE
