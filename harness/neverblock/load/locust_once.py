"""Users of a burst, each of whom asks for one request over a connection that is open.

Imported in a Locust process only, by a locustfile that says what they ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import locust  # before all that it monkey-patches

# isort: split
from neverblock.load.locust_record import send_each_once
from neverblock.load.locust_user import TargetUser, add_options

if TYPE_CHECKING:
    from locust.argument_parser import LocustArgumentParser


def asks(**request: Any) -> None:
    """Have all users ask for this; the names are those of the options in ``locust_user``."""
    send_each_once()

    def settle(parser: LocustArgumentParser, **_: Any) -> None:
        add_options(parser)
        parser.set_defaults(**request)

    locust.events.init_command_line_parser.add_listener(settle)


class Once(TargetUser):
    """Opens a connection before the burst; when the task begins is for the pace to say."""

    abstract = True

    def on_start(self) -> None:
        """Have a connection when all others have one."""
        self.open_connection()

    @locust.task
    def send_one_request(self) -> None:
        """Send what all users send."""
        self.ask()
