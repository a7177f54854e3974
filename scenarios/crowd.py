"""The crowd: n users in a closed loop, and one light user who only asks for the canary.

    locust -f scenarios/crowd.py --host http://127.0.0.1:8000 --headless -u 11 -r 11 -t 5s

The crowd's throughput and percentiles are one half; how long the light user waits is the other.
"""

from __future__ import annotations

from locust import constant, constant_pacing, events, task

from neverblock.load.locust_user import TargetUser, add_options

events.init_command_line_parser.add_listener(add_options)


class CrowdUser(TargetUser):
    """Asks again as soon as the last answer is there."""

    wait_time = constant(0)

    def on_start(self) -> None:
        """Open the connection before the first request counts."""
        self.open_connection()

    @task
    def ask_for_target(self) -> None:
        """Send the request that the command line describes."""
        self.ask()


class LightUser(TargetUser):
    """The one user who wants something cheap, ten times a second at most."""

    fixed_count = 1
    wait_time = constant_pacing(0.1)

    def on_start(self) -> None:
        """Open the connection before the first request counts."""
        self.open_connection()

    @task
    def ask_for_little(self) -> None:
        """Send what every other user of the service would send."""
        self.ask_for_canary()
