"""What can go wrong, said so that a person knows what to type next; and the exit codes."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells the shell and the CI job."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_MEASURED = 3
    INTERRUPTED = 130


class NeverblockError(Exception):
    """Something the user can mend: what happened (with the value), and what to do about it."""

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


class RefusedError(TargetError):
    """An endpoint that answers, but not to the request as it was asked."""


class ServiceError(NeverblockError):
    """A service (Postgres, MySQL, Redis, the upstream) that was asked for and cannot be had."""


class EngineError(NeverblockError):
    """An engine that could not fire its requests."""

    exit_code = ExitCode.NOT_MEASURED


class StoreError(NeverblockError):
    """A run that cannot be read or written."""
