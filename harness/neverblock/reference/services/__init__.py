"""Real servers on loopback for the reference app: Postgres, MySQL, Redis, a slow upstream.

Each service is resolved in this order: a URL that the user gives, a server on the machine, a
server embedded in a wheel. What is started belongs to one process (see supervisor.py), which ends
when the harness ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neverblock.errors import ServiceError, UsageError, choices_hint
from neverblock.target.processes import own_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SERVICES = {
    "postgres": "neverblock.reference.services.postgres:Postgres",
    "mysql": "neverblock.reference.services.mysql:MySQL",
    "redis": "neverblock.reference.services.redis:Redis",
    "upstream": "neverblock.reference.services.upstream:Upstream",
}
"""Import strings, so that no driver is loaded until its service is asked for."""

STOP_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Provided:
    """A service that answers; ``env`` is what a target server needs in its environment.

    ``origin`` is where it comes from: "url", "binary" or "wheel". ``ready_s`` is how long it took.
    """

    name: str
    url: str = field(repr=False)  # holds a password
    env: dict[str, str] = field(repr=False)
    origin: str
    version: str
    ready_s: float


@dataclass(frozen=True, slots=True)
class Missing:
    """A service that is not available on this machine, and what to install or set."""

    name: str
    reason: str
    hint: str


@contextmanager
def provide(
    names: Sequence[str], on_event: Callable[[str], None] | None = None
) -> Iterator[dict[str, Provided | Missing]]:
    """Provide these services while the context lasts; what has to be started starts side by side.

    ``on_event`` takes a few words on each step. Whatever was started is stopped on leaving, and
    its directory removed. Raises UsageError for a name that is not in the table, ServiceError
    for a URL in the environment that does not connect.
    """
    for name in names:
        if name not in SERVICES:
            raise UsageError(f"There is no service {name!r}.", choices_hint(name, SERVICES))
    if not names:
        yield {}
        return
    supervisor = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", "neverblock.reference.services.supervisor", *names],
        stdin=subprocess.PIPE,  # never written to: its end of file is what stops the supervisor
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **own_group(),  # Ctrl-C in the terminal reaches the harness alone
    )
    try:
        yield _read(supervisor, on_event)
    finally:
        _stop(supervisor)


def _read(
    supervisor: subprocess.Popen[str], on_event: Callable[[str], None] | None
) -> dict[str, Provided | Missing]:
    """Pass the supervisor's events on until it sends what became of the services."""
    assert supervisor.stdout is not None  # noqa: S101 - opened as a pipe, for the type checker
    assert supervisor.stderr is not None  # noqa: S101 - the same
    for line in supervisor.stdout:
        message = json.loads(line)
        if "error" in message:
            raise ServiceError(message["error"]["what"], message["error"]["hint"])
        if "services" in message:
            return {name: _outcome(fields) for name, fields in message["services"].items()}
        if on_event is not None:
            on_event(message["event"])
    last = (supervisor.stderr.read().strip().splitlines() or ["it printed nothing"])[-1]
    raise ServiceError(
        f"The process that owns the services ended before they were ready: {last}",
        "Run it by itself to see more: python -m neverblock.reference.services.supervisor",
    )


def _outcome(fields: dict[str, object]) -> Provided | Missing:
    kind = Missing if "reason" in fields else Provided
    return kind(**fields)  # type: ignore[arg-type] # the supervisor writes these very dataclasses


def _stop(supervisor: subprocess.Popen[str]) -> None:
    """Let the supervisor stop what it started; if it hangs, kill it, and its children with it."""
    for pipe in (supervisor.stdin, supervisor.stdout, supervisor.stderr):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
    try:
        supervisor.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
