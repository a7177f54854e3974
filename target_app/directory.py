"""A legacy user directory: an HTTP server that takes its time, and its synchronous client.

The client is what a team finds in its own code base: written before asyncio, used everywhere, and
nothing in its name says that it waits.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from target_app.settings import PATIENCE_S, own_time_s

if TYPE_CHECKING:
    from collections.abc import Iterator

USERS = {"ada": "Ada Lovelace", "alan": "Alan Turing", "grace": "Grace Hopper"}


class DirectoryClient:
    """Looks users up, and waits for the answer."""

    def __init__(self, url: str) -> None:
        """Take the directory's address."""
        self._url = url
        # The directory is on loopback, which a proxy of the environment cannot reach.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def full_name(self, user: str) -> str | None:
        """Give the full name of a user, or None where the directory does not know the user."""
        with self._opener.open(f"{self._url}/{user}", timeout=PATIENCE_S) as answer:
            found: dict[str, str | None] = json.load(answer)
        return found["name"]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with the user's name, after a while."""
        time.sleep(own_time_s())
        body = json.dumps({"name": USERS.get(urlsplit(self.path).path.strip("/"))}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's signature
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


@contextmanager
def directory() -> Iterator[DirectoryClient]:
    """Serve the directory on a free loopback port; give a client of it."""
    server = _Server(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield DirectoryClient(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
