"""What a test asks of the measuring process, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from neverblock.model import Request
    from neverblock.result import Result, Run


@dataclass(frozen=True, slots=True)
class Here:
    """An app that the test's own process serves with the probe around it."""

    base_url: str
    pid: int
    trace_dir: Path


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An app by its import string, which the measuring process serves for the whole session."""

    app: str
    factory: bool = False
    start_timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How an endpoint is asked, and what it may do.

    ``n`` requests at once, each of which may take ``deadline_s``; ``loop_limit_s`` is the longest
    computation on the loop, ``start_timeout_s`` the longest that an app's start may take,
    ``document_limit_s`` the document's own assertion.
    """

    n: int = 10
    loop_limit_s: float = 0.05
    deadline_s: float = 30.0
    start_timeout_s: float = 60.0
    document_limit_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Job:
    """One endpoint to measure. Code below ``app_dir`` is the user's own.

    ``statuses`` are its right answers, where empty all below 400; ``secrets`` are in its request,
    and written nowhere.
    """

    target: Here | Elsewhere
    request: Request
    name: str
    app_dir: Path
    limits: Limits
    statuses: tuple[int, ...] = ()
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NoReply:
    """Why nothing can be measured at all, and what to do about it."""

    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a job, and the run so far, of which it is the last result."""

    run: Run
    result: Result
