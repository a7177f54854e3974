"""Whether Locust is there, and the command line of a process that runs it."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from neverblock.errors import UsageError
from neverblock.probe.die_with_parent import dying_with_us


def insist_on_locust() -> None:
    """Raise UsageError where Locust is not installed."""
    if find_spec("locust") is None:
        raise UsageError(
            "A load is made by Locust, which is not installed.",
            "Type: pip install 'neverblock[load]'",
        )


def locust_process(module: str, *arguments: str) -> list[str]:
    """Give the command that runs one of our Locust modules in a process that ends with this one.

    Raises UsageError where Locust is not installed.
    """
    insist_on_locust()
    # -P: the working directory may hold a package by one of our names
    return [*dying_with_us(sys.executable, "-P", "-m", f"neverblock.load.{module}"), *arguments]
