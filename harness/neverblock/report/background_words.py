"""What every format says of the lines that hold the loop while no request runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.gate.background import diagnosis_of, place_name
from neverblock.units import seconds

if TYPE_CHECKING:
    from neverblock.result import Background

WHO = "background work"
"""In the place of an endpoint's name."""


def background_title(hold: Background) -> str:
    """Give a hold in one line: where it is, and the call that it made."""
    place = hold.place
    called = f" -> {call}" if (call := place.target or place.call) else ""
    return f"{place_name(hold)} {place.function}{called}"


def background_sentence(hold: Background) -> str:
    """Say how long and how often a line held the loop, and that no endpoint is to blame."""
    how = {"blocking-io": "waiting", "blocking-cpu": "computing"}.get(
        diagnosis_of(hold), "by a call in another thread that keeps the GIL"
    )
    often = f"{hold.times} times" if hold.times > 1 else "once"
    every = f", every {seconds(hold.every_s)}" if hold.every_s is not None else ""
    each = " each time" if hold.times > 1 else ""
    return (
        f"holds the event loop for {seconds(hold.held_s)}{each}, {how}, while no request runs it: "
        f"seen {often}{every}; every endpoint suffers"
    )
