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
        """Say whether it is about an endpoint; ``*`` stands for anything, all else for itself."""
        pattern = ".*".join(map(re.escape, self.endpoint.split("*")))
        return re.fullmatch(pattern, endpoint) is not None


@dataclass(frozen=True, slots=True)
class Policy:
    """How a run is turned into a decision.

    ``allow_inconclusive`` lets inconclusive results pass; ``require_all`` counts
    a skipped endpoint as one that could not be measured. ``coverage`` is the least share of the
    app's routes that have to be asked, 0 to 1, None for any.
    """

    fail_on: FailOn = FailOn.ANY
    allow: tuple[Allow, ...] = ()
    allow_inconclusive: bool = False
    require_all: bool = False
    coverage: float | None = None


def refuse_unknown(policy: Policy, endpoints: Collection[str]) -> None:
    """Raise UsageError where an allow names none of the endpoints that the app has."""
    for allow in policy.allow:
        if not allow.is_of_a_line and not any(allow.names(endpoint) for endpoint in endpoints):
            near = nearest(allow.endpoint, endpoints)
            meant = "" if near is None else f"Did you mean {near!r}? "
            raise UsageError(
                f"The allow for {allow.endpoint!r} names no endpoint.",
                f"{meant}Correct or drop it in [[tool.neverblock.allow]].",
            )
