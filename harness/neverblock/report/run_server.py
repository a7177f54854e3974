"""Shows the saved runs of a folder to a browser on this machine."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from neverblock.errors import StoreError, UsageError
from neverblock.report import create_renderer
from neverblock.storage.history import RunHistory, trends

if TYPE_CHECKING:
    from pathlib import Path

    from neverblock.result import Run

LOOPBACK = "127.0.0.1"


class RunServer(ThreadingHTTPServer):
    """Lists the runs at ``/`` and shows each at ``/runs/NAME/``, on loopback only.

    A request must name this machine as its host: else any web page could read the runs through a
    host name of its own that points to loopback (DNS rebinding).
    """

    daemon_threads = True

    def __init__(self, reports: Path, port: int) -> None:
        """Listen on the port; 0 is any free one. Raises UsageError where it is taken."""
        self.reports = reports
        self.history = RunHistory(reports)
        try:
            super().__init__((LOOPBACK, port), Page)
        except OSError as error:
            raise UsageError(
                f"Port {port} cannot be listened on: {error.strerror}.",
                "Name another with --port, or 0 for any free one.",
            ) from error

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away; the next request is answered all the same."""

    @property
    def address(self) -> str:
        """Where a browser finds the list."""
        return f"http://{LOOPBACK}:{self.server_port}/"

    @property
    def hosts(self) -> set[str]:
        """What a request may call this machine."""
        names = (LOOPBACK, "localhost")
        return {*names, *(f"{name}:{self.server_port}" for name in names)}

    def page(self, path: str) -> tuple[str, str] | None:
        """Give the text at a path and its kind, or None where there is nothing."""
        runs = self.history.runs()
        match [unquote(part) for part in path.strip("/").split("/")]:
            case [""]:
                return self._list(runs), "text/html"
            case ["runs", name] if name in runs:
                run = runs[name]
                if isinstance(run, StoreError):
                    return str(run), "text/plain"
                return create_renderer("html")(run), "text/html"
        return None

    def _list(self, runs: dict[str, Run | StoreError]) -> str:
        from neverblock.report import history  # noqa: PLC0415 - it needs the extra `report`

        read = [(name, run) for name, run in runs.items() if not isinstance(run, StoreError)]
        return history.render(runs, trends(read), str(self.reports))


class Page(BaseHTTPRequestHandler):
    """Answers one request."""

    server: RunServer

    def do_GET(self) -> None:
        """Give the page at the path."""
        if self.headers.get("Host") not in self.server.hosts:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "Ask for it by 127.0.0.1")
            return
        try:
            page = self.server.page(urlsplit(self.path).path)
        except Exception as error:  # noqa: BLE001 - a run may hold anything, the server goes on
            why = f"This cannot be shown ({type(error).__name__})"
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR, why)
            return
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND, "There is no such run")
            return
        text, kind = page
        body = text.encode("utf-8", "replace")
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the browser shows what came."""
