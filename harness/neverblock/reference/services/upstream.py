"""A slow HTTP server of our own, such as a service calls upstream.

``GET /slow?seconds=0.5`` answers after that time, ``GET /`` at once. By itself:
``python -m neverblock.reference.services.upstream --port 8100``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx
import uvicorn

from neverblock.reference.services.base import CONNECT_TIMEOUT_S
from neverblock.reference.services.binaries import Source

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from neverblock.reference.services.instance import Instance

LONGEST_S = 60.0
BACKLOG = 2048


class Upstream:
    """The slow upstream, a process of its own."""

    hint = "Nothing to install: it is part of the harness"
    demote = False

    def sources(self) -> Iterator[Source]:
        """Give this module, run by this interpreter."""
        yield Source("binary", Path(sys.executable))

    async def start(self, source: Source, instance: Instance) -> str:
        """Start it on a port that it picks itself."""
        module = ("-P", "-m", "neverblock.reference.services.upstream")
        port = await instance.serve_on_own_port([source.executable, *module, "--port", "0"])
        return f"http://127.0.0.1:{port}"

    async def ask(self, url: str) -> str:
        """Ask for no delay, and give the name that the server goes by."""
        try:
            async with httpx.AsyncClient(timeout=CONNECT_TIMEOUT_S, trust_env=False) as client:
                answer = await client.get(f"{url.rstrip('/')}/slow", params={"seconds": 0})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        if not answer.is_success:
            raise ConnectionError(f"it answers GET /slow with status {answer.status_code}")
        return f"HTTP server {answer.headers.get('server', 'without a name')}"


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],  # noqa: ARG001 - ASGI passes it
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer /slow after the time asked for and / at once (ASGI)."""
    if scope["path"] == "/slow":
        status, body = await _slow(scope["query_string"].decode("latin-1"))
    elif scope["path"] == "/":
        status, body = 200, {"status": "ok"}
    else:
        status, body = 404, {"error": f"no such path: {scope['path']}"}
    content = json.dumps(body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _slow(query: str) -> tuple[int, dict[str, object]]:
    asked = parse_qs(query, keep_blank_values=True).get("seconds", ["1.0"])[0]
    try:
        seconds = float(asked)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_S:
        return 422, {"error": f"seconds must be a number from 0 to {LONGEST_S:g}, not {asked!r}"}
    await asyncio.sleep(seconds)
    return 200, {"seconds": seconds}


def main() -> None:
    """Serve on loopback; the first line of standard output is the port."""
    parser = argparse.ArgumentParser(prog="python -m neverblock.reference.services.upstream")
    parser.add_argument("--port", type=int, default=0, help="0: a free one (default)")
    port = parser.parse_args().port
    with socket.create_server(("127.0.0.1", port), backlog=BACKLOG) as listener:
        print(listener.getsockname()[1], flush=True)  # noqa: T201 - how the port is reported
        config = uvicorn.Config(
            app, access_log=False, log_level="warning", lifespan="off", backlog=BACKLOG
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
