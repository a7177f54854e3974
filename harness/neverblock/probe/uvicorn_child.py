"""Serve an app by uvicorn on a socket of the parent's.

uvicorn's own ``--fd`` takes every socket for a Unix socket: asyncio then leaves Nagle's algorithm
on, which adds 40 ms to each small response, and the app does not see its client's address.

The process ends when its parent does.
"""

from __future__ import annotations

import inspect
from typing import Any

from .die_with_parent import die_with
from .listening_socket import taken_over

BACKLOG = 2048
KEEP_ALIVE_S = 75
"""How long connections that were opened before a burst stay open, in seconds."""

GRACE_S = 1
"""How long an endpoint that never answers may delay the end of the server, in seconds."""


def main(parent: str, where: str, app: str, loop: str) -> None:
    """Serve until a signal comes."""
    import uvicorn  # noqa: PLC0415 - the app's own, and after that ours: the probe needs none

    die_with(int(parent))
    wanted: dict[str, Any] = {
        "loop": loop,
        "log_level": "warning",
        "access_log": False,
        "backlog": BACKLOG,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": GRACE_S,  # uvicorn has it since 0.22
    }
    known = inspect.signature(uvicorn.Config).parameters
    config = uvicorn.Config(app, **{name: wanted[name] for name in wanted if name in known})
    uvicorn.Server(config).run(sockets=[taken_over(where)])
