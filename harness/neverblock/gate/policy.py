"""What a team wants of the gate: which outcomes fail it, and which offenders are known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from neverblock.errors import UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date


LINE = re.compile(r"[^\s:]+\.py:(\d+|\*)")
"""A line of a file, or with ``*`` all of its lines."""


class FailOn(StrEnum):
    """Which failures fail the gate: any of them, or only what is worse than the baseline."""

    ANY = "any"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Allow:
    """A known offender, which does not fail the gate before its day has come.

    ``endpoint`` is a name as the results have it (``GET /reports/{id}``), or the line of what holds
    the loop for no request (``app/jobs.py:14``), or a pattern with ``*``; ``code`` one finding's
    code, or None for all of them.
    """

    endpoint: str
    reason: str
    expires: date
    code: str | None = None

    @property
    def is_of_a_line(self) -> bool:
        """Whether it is about background work, which no endpoint of the app is."""
        return LINE.fullmatch(self.endpoint) is not None

    def names(self, endpoint: str) -> bool:
        """Say whether it is about an endpoint."""
        return fits(self.endpoint, endpoint)


@dataclass(frozen=True, slots=True)
class Policy:
    """How a run is turned into a decision.

    ``allow_inconclusive`` lets inconclusive results pass; ``require_all`` counts
    a skipped endpoint as one that could not be measured. ``may_be_missing`` are patterns of
    endpoints that need not be measured. ``coverage`` is the least share of the app's routes that
    have to be asked, 0 to 1, None for any.
    """

    fail_on: FailOn = FailOn.ANY
    allow: tuple[Allow, ...] = ()
    allow_inconclusive: bool = False
    require_all: bool = False
    coverage: float | None = None
    may_be_missing: tuple[str, ...] = ()

    def excuse_of_missing(self, endpoint: str) -> str | None:
        """Say why an endpoint need not be measured, or None."""
        pattern = next((p for p in self.may_be_missing if fits(p, endpoint)), None)
        return None if pattern is None else f'it may be missing: "{pattern}"'


def fits(pattern: str, name: str) -> bool:
    """Say whether a name fits a pattern; ``*`` stands for anything, all else for itself."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def refuse_unknown(policy: Policy, endpoints: Collection[str]) -> None:
    """Raise UsageError where the policy names an endpoint that the app does not have."""
    names = [
        (a.endpoint, "The allow for {} names no endpoint.", "[[tool.neverblock.allow]]")
        for a in policy.allow
        if not a.is_of_a_line
    ]
    said = "may-be-missing = [{}] names no endpoint."
    names += [(pattern, said, "[tool.neverblock]") for pattern in policy.may_be_missing]
    for name, what, where in names:
        if not any(fits(name, endpoint) for endpoint in endpoints):
            near = nearest(name, endpoints)
            meant = "" if near is None else f"Did you mean {near!r}? "
            raise UsageError(what.format(repr(name)), f"{meant}Correct or drop it in {where}.")
