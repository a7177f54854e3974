"""A service that starts a helper beside itself, which answers anything that it is asked."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from fastapi import FastAPI

app = FastAPI()


class Helper(BaseHTTPRequestHandler):
    """Says yes."""

    def do_GET(self) -> None:
        """Answer any path."""
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()


helper = ThreadingHTTPServer(("127.0.0.1", 0), Helper)
Thread(target=helper.serve_forever, daemon=True).start()


@app.get("/blocks")
async def blocks() -> str:
    """Block."""
    time.sleep(0.05)
    return "blocked"
