"""The burst: n users meet, and once all have spawned each sends one request, all together.

    locust -f scenarios/burst.py --host http://127.0.0.1:8000 --headless -u 10 -r 10

What the users ask for is said by --path, --method, --header, --content, --canary-path and
--deadline. Locust has no rendezvous of its own; a gevent event makes one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event
from locust import events, task
from locust.exception import StopUser
from locust.runners import LocalRunner

from neverblock.load.locust_user import TargetUser, add_options

if TYPE_CHECKING:
    from locust.env import Environment


class Rendezvous:
    """Lets all users go when the last has come, and ends the test when the last has gone."""

    def open(self, environment: Environment, **_: Any) -> None:
        """Start a test, to which nobody has come yet."""
        self._environment = environment
        self._all_here = Event()
        self._all_spawned = False
        self._here = self._gone = 0

    def all_spawned(self, **_: Any) -> None:
        """Take Locust's word that no further user will come."""
        self._all_spawned = True
        self._release_if_complete()

    def wait(self) -> None:
        """Wait for all users of this process."""
        self._here += 1
        self._release_if_complete()
        self._all_here.wait()

    def leave(self) -> None:
        """End the test after the last user; a master decides for its workers."""
        self._gone += 1
        runner = self._environment.runner
        if self._gone == self._here and isinstance(runner, LocalRunner):
            gevent.spawn(runner.stop if self._environment.web_ui else runner.quit)

    def _release_if_complete(self) -> None:
        runner = self._environment.runner
        if self._all_spawned and runner is not None and self._here >= runner.user_count:
            self._all_here.set()


rendezvous = Rendezvous()
events.init_command_line_parser.add_listener(add_options)
events.test_start.add_listener(rendezvous.open)
events.spawning_complete.add_listener(rendezvous.all_spawned)


class BurstUser(TargetUser):
    """One of n users, with one request to send."""

    @task
    def send_one_request(self) -> None:
        """Open the connection, wait for the others, send."""
        self.open_connection()
        rendezvous.wait()
        self.ask()
        rendezvous.leave()
        raise StopUser
