"""What can go wrong, said so that a person knows what to type next; and the exit codes."""

from __future__ import annotations

from difflib import get_close_matches
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

SIMILAR = 0.5
"""Suggest a name where at least half of its characters are those typed; less is a wild guess."""


PREFIXES = ("Value error, ", "Assertion failed, ")
"""What pydantic writes before the words of a validator."""


class ExitCode(IntEnum):
    """What the process tells the shell and the CI job."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_MEASURED = 3
    INTERRUPTED = 130


class NeverblockError(Exception):
    """Something the user can correct: what happened (with the value), and what to do about it."""

    exit_code = ExitCode.USAGE

    def __init__(self, what: str, hint: str) -> None:
        """Take what happened, naming the offending value, and what to type or change next."""
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        """Give both on two lines."""
        return f"{self.what}\n  {self.hint}"


class UsageError(NeverblockError):
    """An argument, option or file that cannot be used."""


class TargetError(NeverblockError):
    """A target that does not import, start or stay alive."""


class ServiceError(NeverblockError):
    """A service (Postgres, MySQL, Redis, the upstream) that was asked for and is not available."""


class EngineError(NeverblockError):
    """An engine that could not fire its requests."""

    exit_code = ExitCode.NOT_MEASURED


class ControlError(NeverblockError):
    """A probe that did not see a block of known length at a known line."""

    exit_code = ExitCode.NOT_MEASURED


class StoreError(NeverblockError):
    """A run that cannot be read or written."""


def nearest(name: str, known: Collection[str]) -> str | None:
    """Give the known name that a mistyped one most likely means, or None where none is similar."""
    return next(iter(get_close_matches(name, known, n=1, cutoff=SIMILAR)), None)


def unprefixed(message: str) -> str:
    """Give the words of a validator, without what pydantic writes before them."""
    for prefix in PREFIXES:
        message = message.removeprefix(prefix)
    return message


def choices_hint(name: str, known: Collection[str]) -> str:
    """Give the hint for a name that is not known: the nearest one, if any, and all there are."""
    near = nearest(name, known)
    meant = "" if near is None else f"Did you mean {near!r}? "
    return f"{meant}Choose from: {', '.join(known)}."
