"""Why the gate fails. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neverblock.errors import ExitCode


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that fails the gate, and the exit code that it alone would give.

    ``endpoint``, ``scenario`` and ``code`` are None where it is about the whole run; ``line`` is
    the one that held the loop for no request (``app/jobs.py:14``), where it is about that.
    ``excuse`` says why it is tolerated, where it is; ``because`` is what the sentence says in
    brackets: the excuse, or why nothing excuses it.
    """

    sentence: str
    exit_code: ExitCode
    endpoint: str | None = None
    scenario: str | None = None
    code: str | None = None
    excuse: str | None = None
    line: str | None = None
    because: str | None = None


Reasoned = tuple[Reason, str | None, str | None]
"""A reason, why it is tolerated, and which allow for it has ended; None where nothing says so."""
