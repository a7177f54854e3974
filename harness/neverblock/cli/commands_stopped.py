"""What is printed in a job of GitHub's is no workflow command, whatever it says."""

from __future__ import annotations

import secrets
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOKEN: ContextVar[str | None] = ContextVar("token", default=None)


@contextmanager
def commands_stopped(environ: Mapping[str, str]) -> Iterator[None]:
    """Tell GitHub's runner to take no line for a command while the context lasts.

    Elsewhere this does nothing. The runner reads both outputs; standard output may be a file of its
    own, so that it is told on standard error.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        yield
        return
    token = secrets.token_hex(16)
    reset = _TOKEN.set(token)
    _tell(f"::stop-commands::{token}")
    try:
        yield
    finally:
        _TOKEN.reset(reset)
        _tell(f"::{token}::")


@contextmanager
def commands_heard() -> Iterator[None]:
    """Let commands of our own through meanwhile."""
    token = _TOKEN.get()
    if token is None:
        yield
        return
    _tell(f"::{token}::")
    try:
        yield
    finally:
        _tell(f"::stop-commands::{token}")


def _tell(line: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
