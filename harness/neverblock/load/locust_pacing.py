"""When users begin their tasks: as their file says, or by a pace of the load's own.

Imported in a Locust process only.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol

import locust  # noqa: F401 - before all that it monkey-patches

# isort: split
from gevent.event import Event
from locust.user.task import TaskSet

from neverblock.load.locust_arrivals import Arrivals
from neverblock.load.locust_burst import Rendezvous

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from locust.env import Environment
    from locust.user.users import User


class Pace(Protocol):
    """Says when each task begins, in the greenlet of its user, and which requests count."""

    def first(self) -> None:
        """Wait until the user's first task is to begin."""

    def wait_s(self) -> float:
        """Give how long the user waits for its next task, in seconds; StopUser ends the user."""

    def counts_from(self, name: str, start_s: float, end_s: float) -> float | None:
        """Give from when a request counts that was sent at an instant; None where it does not."""

    def take(self) -> dict[str, Any]:
        """Give what is to be told with the requests since the last time."""

    def heed(self, order: dict[str, Any]) -> None:
        """Take what the one who decides for all processes orders."""


class Pacing:
    """The pace of a process, which its users wait to be told."""

    def __init__(self) -> None:
        """Start without one; ``pace`` is None before, and where users do as their file says."""
        self.pace: Pace | None = None
        self._chosen = Event()

    def choose(self, environment: Environment, order: dict[str, Any]) -> None:
        """Take the pace: ``rate_per_s`` tasks a second of this process, all at once, or neither."""
        if order["burst"]:
            self.pace = Rendezvous(environment)
        elif (rate_per_s := order["rate_per_s"]) is not None:
            self.pace = Arrivals(rate_per_s)
        if self.pace is not None:
            self._keep(environment, self.pace)
        self._chosen.set()

    def hold(self, environment: Environment) -> None:
        """Have all users of a load wait until the pace is chosen."""
        for user in environment.user_classes:
            user.on_start = self._first(user.on_start)  # type: ignore[method-assign,assignment]  # a class

    def _keep(self, environment: Environment, pace: Pace) -> None:
        """Have all users of a load keep to a pace; without one they wait by their file's own."""

        def wait(_: Any) -> float:
            return pace.wait_s()

        for user in environment.user_classes:
            user.wait_time = wait
        for tasks in _below(TaskSet):
            if "wait_time" in vars(tasks):
                tasks.wait_time = wait  # type: ignore[method-assign]  # alike

    def _first(self, on_start: Callable[[User], None]) -> Callable[[User], None]:
        @wraps(on_start)
        def start(user: User) -> None:
            on_start(user)
            self._chosen.wait()
            if self.pace is not None:
                self.pace.first()

        return start


def _below(tasks: type[TaskSet]) -> Iterator[type[TaskSet]]:
    for each in tasks.__subclasses__():
        yield each
        yield from _below(each)
