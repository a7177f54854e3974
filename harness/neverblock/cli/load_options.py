"""What a person says of a load, read before anything is started: Locust's options and processes."""

from __future__ import annotations

import re
from math import ceil, inf
from typing import TYPE_CHECKING

from neverblock.cli.address import address
from neverblock.errors import UsageError
from neverblock.load.traffic import Distributed
from neverblock.target.remote import is_loopback, is_url

if TYPE_CHECKING:
    from pathlib import Path

    from neverblock.load.settled import Settled

OURS = {
    *("--host", "-H", "--processes", "--headless", "--autostart", "--master", "--worker"),
    *("--master-host", "--master-port", "--master-bind-host", "--master-bind-port"),
}
MAX_WAIT_S = 60.0
"""As long as the app itself may take to start."""

USERS, RUN_TIME = "10", "30s"
"""Of a load without a locustfile: as many as a check asks at once, for long enough to see some."""

TIME = re.compile(r"\d+|(?=\d)(\d+h)?(\d+m)?(\d+s)?")
"""As Locust reads a time."""


def distributed(
    here: int | None, expected: int | None, max_wait_s: float | None, bind: str | None, app: str
) -> Distributed | None:
    """Give how several processes make a load of ``app``; None where one does.

    Raises UsageError where others are expected at no address, or would not reach an app that is
    served here, and where one says too little.
    """
    if here is None and expected is None:
        given = "--bind" if bind else "--expect-workers-max-wait" if max_wait_s else None
        if given is not None:
            raise UsageError(f"{given} says nothing without others.", "Add --expect-workers N.")
        return None
    if expected is not None and bind is None:
        raise UsageError(
            f"{expected} load generators are expected, and nobody said where they report.",
            "Name an address of this machine that they reach: --bind 0.0.0.0:5557.",
        )
    at = ("127.0.0.1", 0) if bind is None else address(bind)
    if expected is not None and not is_url(app) and not is_loopback(at[0]):
        raise UsageError(
            f"{app} is served on loopback, and load generators of other machines do not reach it.",
            "Serve it where they do, and name its URL: neverblock load http://10.0.0.9:8000 "
            "--allow-remote 10.0.0.9; or make the load here: --workers 4.",
        )
    return Distributed(here or 0, expected or 0, at, max_wait_s or MAX_WAIT_S)


def paced(rate: float, users: str | None, spawn_rate: str | None) -> tuple[str, str]:
    """Give how many users keep up a rate, and how fast they start. Raises UsageError.

    A user is busy until its task is over: by default there are enough for tasks of a second.
    """
    if not 0 < rate < inf:
        raise UsageError(f"{rate:g} is no rate.", "Write tasks a second: --rate 200.")
    users = users or str(max(int(USERS), ceil(rate)))
    return users, spawn_rate or users


def at_once(
    users: str | None, spawn_rate: str | None, *, rate: float | None, web: bool
) -> tuple[str, str]:
    """Give how many users a burst has, and how fast they come to it. Raises UsageError."""
    if rate is not None or web:
        other = "--web" if web else f"--rate {rate:g}"
        raise UsageError(
            f"--burst and {other} are two loads: in a burst each user asks once, at one instant.",
            "Leave one of them out.",
        )
    users = users or USERS
    return users, spawn_rate or users


def handed_on(options: list[str]) -> list[str]:
    """Give the options that are Locust's. Raises UsageError for one that is not the user's to set.

    What is loaded, and by which processes, is said to neverblock.
    """
    for option in options:
        if option.partition("=")[0] in OURS:
            raise UsageError(
                f"{option!r} is not handed on to Locust.",
                "The target's address and Locust's processes are neverblock's to choose.",
            )
    return options


def locust_options(
    locustfiles: list[Path],
    users: str | None,
    spawn_rate: str | None,
    run_time: str | None,
    settled: Settled,
) -> tuple[str, ...]:
    """Give the options as Locust takes them, beside what its own configuration has settled.

    Without a locustfile the load has an end and some users, whatever Locust's own default is.
    Raises UsageError for a locustfile that is not there, and for what Locust could not read.
    """
    for file in locustfiles:
        if not file.exists():
            raise UsageError(f"There is no locustfile '{file}'.", "Name another with -f.")
    if users is not None and not (users.isdecimal() and int(users)):
        raise UsageError(f"{users!r} is no number of users.", "Write a whole number: -u 50.")
    if spawn_rate is not None and not _is_rate(spawn_rate):
        raise UsageError(f"{spawn_rate!r} is no spawn rate.", "Write users a second: -r 10.")
    if run_time is not None and not _is_time(run_time):
        raise UsageError(f"{run_time!r} is no time.", "Write seconds, minutes or hours: -t 90s.")
    if not (locustfiles or settled.locustfile):
        users = users or (None if settled.users else USERS)
        run_time = run_time or (None if settled.run_time else RUN_TIME)
    files = ",".join(map(str, locustfiles)) or None
    given = [("-f", files), ("-u", users), ("-r", spawn_rate), ("-t", run_time)]
    return tuple(part for name, value in given if value is not None for part in (name, value))


def _is_rate(text: str) -> bool:
    try:
        return 0 < float(text) < inf
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    """Say whether Locust can read a time, and it is no zero: that would be no limit."""
    return TIME.fullmatch(text) is not None and any(map(int, re.findall(r"\d+", text)))
