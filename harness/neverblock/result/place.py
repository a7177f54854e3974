"""A place in the code that held the loop, and what to use instead."""

from __future__ import annotations

from dataclasses import dataclass

from neverblock.measurement import Frame  # noqa: TC001 - pydantic reads the annotations at run time


@dataclass(frozen=True, slots=True)
class Advice:
    """What to use instead of a call: in a few words, as one line of code, and why."""

    instead: str
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Blame:
    """One place that held the loop: the user's own line first, the whole path beneath it.

    ``held_s`` is per request. ``file`` is relative to the app. ``source`` are lines around the
    call, the first of which has the number ``source_line``. ``note`` says so where the framework
    did the work on the endpoint's behalf, or where another thread kept the GIL.
    """

    file: str
    line: int
    function: str
    call: str | None
    held_s: float
    on_cpu: bool
    advice: Advice | None = None
    target: str | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    source: tuple[str, ...] = ()
    source_line: int = 1
    path: tuple[Frame, ...] = ()
    note: str | None = None
