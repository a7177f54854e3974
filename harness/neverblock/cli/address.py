"""An address of a machine's port, as a person types it."""

from __future__ import annotations

from neverblock.errors import UsageError

HIGHEST_PORT = 65535


def address(text: str) -> tuple[str, int]:
    """Give host and port of ``HOST:PORT``. Raises UsageError for anything else."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > HIGHEST_PORT:
        raise UsageError(f"{text!r} is no address.", "Write host and port: 10.0.0.5:5557.")
    return host.strip("[]"), int(port)
