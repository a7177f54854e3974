"""What a team wants of the gate: which outcomes fail it, and which offenders are known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class FailOn(StrEnum):
    """Which failures fail the gate: any of them, or only what is worse than the baseline."""

    ANY = "any"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Allow:
    """A known offender, which does not fail the gate before its day has come.

    ``endpoint`` is a name as the results have it (``GET /reports/{id}``) or a pattern with ``*``;
    ``code`` one finding's code, or None for all of them.
    """

    endpoint: str
    reason: str
    expires: date
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How a run is turned into a decision.

    ``allow_inconclusive`` lets the gate pass over what could not be told; ``require_all`` counts
    a skipped endpoint as one that could not be measured.
    """

    fail_on: FailOn = FailOn.ANY
    allow: tuple[Allow, ...] = ()
    allow_inconclusive: bool = False
    require_all: bool = False
