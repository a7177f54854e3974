"""Tasks that begin at a fixed rate, whoever is still waiting for an answer: an open loop.

All users of a process share one schedule: whoever is free takes the next instant at which a task is
due. Where all of them wait for answers, it is taken late, and the first request of the task counts
from when it was due. Imported in a Locust process only.
"""

from __future__ import annotations

import time
from functools import wraps
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import locust

# isort: split
import gevent
from gevent.event import AsyncResult, Event
from locust.user.task import TaskSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from locust.env import Environment
    from locust.user.users import User


class Arrivals:
    """Says when each task of this process is due, once it is told at which rate."""

    def __init__(self) -> None:
        """Start without a rate; users wait for it."""
        self._rate_per_s: AsyncResult = AsyncResult()
        self._all_there = Event()
        self._due_s: WeakKeyDictionary[object, float] = WeakKeyDictionary()
        self._next_s: float | None = None

    def order(self, rate_per_s: float | None) -> None:
        """Take the rate, in tasks a second of this process; None leaves users as they are."""
        self._rate_per_s.set(rate_per_s)

    def pace(self, environment: Environment) -> None:
        """Have all users of a load wait for when their tasks are due."""
        locust.events.spawning_complete.add_listener(lambda **_: self._all_there.set())
        for user in environment.user_classes:
            user.on_start = self._first(user.on_start)  # type: ignore[method-assign,assignment]  # a class
            user.wait_time = self._between(user.wait_time)
        for tasks in _below(TaskSet):
            if "wait_time" in vars(tasks):
                tasks.wait_time = self._between(tasks.wait_time)  # type: ignore[method-assign]  # alike

    def due_s(self) -> float | None:
        """Give when the task of the user who asks was due, once; None for all else."""
        return self._due_s.pop(gevent.getcurrent(), None)

    def _first(self, on_start: Callable[[User], None]) -> Callable[[User], None]:
        @wraps(on_start)
        def start(user: User) -> None:
            on_start(user)
            if self._rate_per_s.get() is not None:
                self._all_there.wait()
                gevent.sleep(self._until_due_s())

        return start

    def _between(self, wait_time: Callable[[Any], float]) -> Callable[[Any], float]:
        @wraps(wait_time)
        def wait(user: Any) -> float:
            return wait_time(user) if self._rate_per_s.get() is None else self._until_due_s()

        return wait

    def _until_due_s(self) -> float:
        """Take the next instant at which a task is due; give how far it is away, in seconds."""
        now_s = time.monotonic()
        due_s = now_s if self._next_s is None else self._next_s
        self._next_s = due_s + 1 / self._rate_per_s.get()
        self._due_s[gevent.getcurrent()] = due_s
        return max(0.0, due_s - now_s)


def _below(tasks: type[TaskSet]) -> Iterator[type[TaskSet]]:
    for each in tasks.__subclasses__():
        yield each
        yield from _below(each)
