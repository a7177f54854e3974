"""What was suspected and what was asked, beside what was measured; the shape of ``run.json``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SuspectState(StrEnum):
    """What measuring says of a line that a static analysis suspects of holding the loop."""

    CONFIRMED = "confirmed"
    HARMLESS = "harmless"
    NOT_REACHED = "not-reached"
    NOT_ASKED = "not-asked"
    NOT_KNOWN = "not-known"


@dataclass(frozen=True, slots=True)
class SuspectResult:
    """A line that an analyser suspects, and what was measured of it.

    ``source`` is who suspects it, ``rule`` and ``message`` are its words. ``endpoint`` is the route
    that reaches it, None where that is not known. ``runs`` are of all requests to measured
    endpoints, None where nobody counted; ``longest_s`` is the longest that it was seen to hold the
    loop at once. ``code`` is of the finding that confirms it. ``why`` says in a sentence what led
    to the state, and in the lines beneath it what to configure.
    """

    file: str
    line: int
    rule: str
    message: str
    source: str
    endpoint: str | None
    state: SuspectState
    runs: int | None = None
    longest_s: float | None = None
    code: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One route of an app, by its name: whether it was asked, and with what.

    ``made_up`` says that nobody gave the values of its request, ``empty`` that no answer held
    anything. ``why`` says why it was not asked.
    """

    name: str
    asked: bool
    made_up: bool = False
    empty: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of an app's routes were asked, and how well; ``share`` is asked of all, 0 to 1.

    ``required`` is the share that the project asks for, where it does.
    """

    routes: int
    asked: int
    made_up: int
    empty: int
    share: float
    by_route: tuple[Route, ...] = ()
    required: float | None = None

    @property
    def falls_short(self) -> bool:
        """Whether it is less than the project asks for."""
        return self.required is not None and self.share < self.required
