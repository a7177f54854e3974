"""The shop: three kinds of user over bad and good variants, for what a load says of them.

    neverblock load target_app.main:app -f scenarios/shop.py -u 12 -t 30s
    neverblock load target_app.main:app -f scenarios/shop.py -u 12 -t 30s --fixed

Visitors and buyers ask for good endpoints; clerks ask for bad ones, which is what the others lose
by. With --fixed the clerks ask for the replacements instead: what the others win is what they
lost, and the load says the sum of it beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locust import FastHttpUser, constant_pacing, events, task

if TYPE_CHECKING:
    from argparse import ArgumentParser


def add_options(parser: ArgumentParser, **_: Any) -> None:
    """Take whether the bad endpoints are replaced by the good ones."""
    parser.add_argument("--fixed", action="store_true", help="Ask for no bad endpoint.")


events.init_command_line_parser.add_listener(add_options)


class Visitor(FastHttpUser):
    """Looks around: two cheap endpoints, twice a second."""

    wait_time = constant_pacing(0.5)
    weight = 3

    @task
    def look(self) -> None:
        """Ask for what answers at once."""
        self.client.get("/health")

    @task
    def browse(self) -> None:
        """Ask for the list of what there is."""
        self.client.get("/")


class Buyer(FastHttpUser):
    """Buys: an endpoint that waits as an async client does, twice a second."""

    wait_time = constant_pacing(0.5)
    weight = 2

    @task
    def buy(self) -> None:
        """Ask for what waits, and holds nothing."""
        self.client.get("/pairs/sleep/good")


class Clerk(FastHttpUser):
    """Works in the back office: bad endpoints, each of which holds the loop for a while."""

    wait_time = constant_pacing(1.0)
    weight = 1

    @property
    def variant(self) -> str:
        """Which variant of a pair is asked for."""
        return "good" if self.environment.parsed_options.fixed else "bad"

    @task(3)
    def look_up(self) -> None:
        """Ask for a user through a dependency that calls a synchronous library."""
        self.client.get(f"/pairs/dependency/{self.variant}/ada", name="look up")

    @task(1)
    def read(self) -> None:
        """Ask for what reads a file on a slow file system."""
        self.client.get(f"/pairs/file/{self.variant}", name="read")
