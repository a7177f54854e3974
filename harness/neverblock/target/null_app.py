"""The harness's own ASGI app: answers at once, and blocks for a known time at one path.

Bursts at it measure the floor (what client, server and machine cost by themselves); its block is
the positive control, which the probe must see before any verdict counts.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CONTROL_PATH = "/control"
CONTROL_BLOCK_S = 0.1


def block() -> None:
    """Block the loop for the control's known time, on the one line below."""
    time.sleep(CONTROL_BLOCK_S)


CONTROL_LINE = block.__code__.co_firstlineno + 2
"""The line on which ``block`` blocks: after its signature and its docstring."""


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer 200 to everything; block first on the control's path."""
    if scope["type"] != "http":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] == CONTROL_PATH:
        block()
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})
