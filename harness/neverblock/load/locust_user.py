"""What the locustfiles of this project share: a user who asks for one path, and its options.

Imported in a Locust process only: Locust monkey-patches on import. It needs nothing but Locust,
and so runs under stock ``locust -f`` as well.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import gevent
from locust import FastHttpUser
from locust.contrib.fasthttp import FastResponse

if TYPE_CHECKING:
    from argparse import Namespace

    from locust.argument_parser import LocustArgumentParser
    from locust.env import Environment


def add_options(parser: LocustArgumentParser, **_: Any) -> None:
    """Add what a user asks for to Locust's command line and web page, for the reference app."""
    for name, default, meaning in (
        ("--method", "GET", "HTTP method of the request"),
        ("--path", "/pairs/sleep/good", "path of the request"),
        ("--canary-path", "/health", "a cheap path: opens connections, and is the light user's"),
        ("--deadline", 60.0, "seconds after which a request without a whole answer has failed"),
    ):
        parser.add_argument(name, type=type(default), default=default, help=meaning)
    parser.add_argument(
        "--header", action="append", default=[], metavar="'NAME: VALUE'", include_in_web_ui=False
    )
    parser.add_argument(
        "--content", default=None, help="body of the request", include_in_web_ui=False
    )


class TargetUser(FastHttpUser):
    """A user with one connection, who sends nothing twice and follows no redirect."""

    abstract = True
    concurrency = 1

    def __init__(self, environment: Environment) -> None:
        """Take host and options from the environment."""
        self.options = cast("Namespace", environment.parsed_options)
        self.network_timeout = self.connection_timeout = self.options.deadline
        super().__init__(environment)
        self.client.client.response_type = _StampedResponse  # type: ignore[misc]  # each user has an agent of its own
        self._headers = {"Accept-Encoding": "identity"} | dict(
            header.split(": ", 1) for header in self.options.header
        )

    def open_connection(self) -> None:
        """Ask for the canary outside Locust's statistics; an error here happens again later."""
        with suppress(Exception), gevent.Timeout(self.options.deadline, False):
            canary = f"{self.host}{self.options.canary_path}"
            self.client.client.urlopen(canary, headers=self._headers).read()

    def ask(self) -> None:
        """Send the request that the options describe; Locust's request event reports it."""
        options = self.options
        self._send(options.method, options.path, data=options.content)

    def ask_for_canary(self) -> None:
        """Send the light user's request, which stands for every other user of the service."""
        self._send("GET", self.options.canary_path, light=True)

    def _send(
        self,
        method: str,
        path: str,
        *,
        data: bytes | str | None = None,
        light: bool = False,
    ) -> None:
        with gevent.Timeout(self.options.deadline, False):
            self.client.request(
                method,
                path,
                data=data,  # type: ignore[arg-type]  # bytes do as well
                headers=self._headers,
                allow_redirects=False,
                context={"light": light},
            )


class _StampedResponse(FastResponse):
    """A response that has the time at which its head arrived."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.first_byte_s = time.monotonic()
        super().__init__(*args, **kwargs)
