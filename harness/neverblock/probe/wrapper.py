"""The ASGI wrapper: answers the canary, counts requests, passes everything else to the app."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from http import HTTPStatus
from importlib import import_module
from operator import attrgetter
from time import monotonic
from typing import TYPE_CHECKING, Any

from .config import CANARY_HEADER, HANDLERS_PATH, OPENAPI_PATH, POOLS_PATH, WATCH_PATH
from .numbered import Numbered
from .request_mark import REQUEST
from .watchdog import arm

if TYPE_CHECKING:
    from .config import ProbeConfig
    from .heartbeat import Heartbeat
    from .watchdog import Watchdog

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


def _package_folders(module: str) -> tuple[str, ...]:
    """Give the folders of the target's own package, as an installed app is the user's code too."""
    top = sys.modules[module.partition(".")[0]]
    folders = getattr(top, "__path__", ())
    return tuple(folders) or tuple(filter(None, [getattr(top, "__file__", None)]))


_CANARY_HEADERS = [
    (b"content-type", b"text/plain"),
    (b"content-length", b"2"),
    (CANARY_HEADER.encode(), b"canary"),
]


_PAGES = {
    OPENAPI_PATH: ".openapi_document",
    HANDLERS_PATH: ".handlers",
}
"""What is told about the app itself, by its path; each module is loaded once it is asked for."""


async def _respond(
    send: Send, status: int, body: bytes, kind: bytes = b"text/plain; charset=utf-8"
) -> None:
    """Send a whole response."""
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class ProbedApp:
    """An ASGI app around the user's own, which starts the probe on the loop that serves it."""

    def __init__(self, target: AsgiApp, config: ProbeConfig) -> None:
        """Wrap an app that is already imported; nothing is started before a loop calls."""
        self._target = target
        self._config = config
        self._watchdog: Watchdog | None = None
        self._canary_path = config.canary_path
        self._apart = frozenset({None, config.canary_path, POOLS_PATH, WATCH_PATH, *_PAGES})
        self._heartbeat: Heartbeat | None = None
        self._arming_failed = False
        self._numbered = config.numbered

    @classmethod
    def from_config(cls, config: ProbeConfig) -> ProbedApp:
        """Import the target and wrap it.

        Raises whatever its import raises, and TypeError for what cannot be an ASGI app.
        """
        if config.app_dir:
            sys.path.insert(0, config.app_dir)
        module, _, attribute = config.target.partition(":")
        target = attrgetter(attribute or "app")(import_module(module))
        roots = (*config.project_roots, *_package_folders(module))
        config = replace(config, project_roots=roots)
        app = target() if config.factory else target
        if not callable(app):
            raise TypeError(f"{config.target} is {app!r:.60}, and no ASGI app")
        return cls(app, config)

    def arm(self) -> None:
        """Start the probe on the running loop.

        If that fails, the app is served without a trace.
        """
        try:
            self._watchdog = arm(self._config)
            self._heartbeat = self._watchdog.heart
        except Exception as error:  # noqa: BLE001 - nothing of the probe's may reach the app
            self._arming_failed = True
            sys.stderr.write(f"neverblock's probe did not arm: {error!r}\n")

    def disarm(self) -> None:
        """End the watch. To be called in the loop's thread."""
        if self._watchdog is not None:
            self._watchdog.disarm()
            self._watchdog = self._heartbeat = None

    def _watch(self, query: bytes) -> tuple[int, bytes]:
        """Have the probe rest or watch again, as a query says; answer with the instant."""
        heartbeat = self._heartbeat
        if heartbeat is None:
            return HTTPStatus.CONFLICT, b"the probe did not arm"
        asked = {b"rest": heartbeat.rest, b"resume": heartbeat.resume}.get(query)
        if asked is None:
            return HTTPStatus.BAD_REQUEST, b"rest or resume is wanted, not %r" % query
        asked()
        return HTTPStatus.OK, b"%r" % heartbeat.before.at_s

    async def _show(self, page: str, send: Send) -> None:
        """Answer with what the module of a page says of the wrapped app."""
        REQUEST.set(True)  # what is asked here is no background work of the app's
        status, body = import_module(page, __package__).answer(self._target)
        kind = b"application/json" if status == HTTPStatus.OK else b"text/plain; charset=utf-8"
        await _respond(send, status, body, kind)

    async def _serve_apart(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what is not watched: the probe's own paths, lifespan, all if the probe failed."""
        path = scope.get("path") if scope["type"] == "http" else None
        if path == self._canary_path:
            await send({"type": "http.response.start", "status": 200, "headers": _CANARY_HEADERS})
            await send({"type": "http.response.body", "body": b"ok"})
        elif path in _PAGES:
            await self._show(_PAGES[path], send)
        elif path == POOLS_PATH:
            raised = import_module(".raised", __package__)
            await _respond(send, *raised.answer(scope["query_string"].decode("latin-1")))
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif path == WATCH_PATH:
            await _respond(send, *self._watch(scope["query_string"]))
        else:
            await self._target(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the lifespan; where the server ends it, the probe says so, and all that it saw."""
        told_to_end = False

        async def hearing() -> MutableMapping[str, Any]:
            nonlocal told_to_end
            message = await receive()
            told_to_end = told_to_end or message["type"] == "lifespan.shutdown"
            return message

        try:
            await self._target(scope, hearing, send)
        finally:
            if told_to_end:
                self.disarm()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, request or lifespan as the wrapped app does."""
        heartbeat = self._heartbeat
        if heartbeat is None and not self._arming_failed:
            self.arm()
            heartbeat = self._heartbeat
        if heartbeat is None or scope.get("path") in self._apart:
            await self._serve_apart(scope, receive, send)
            return
        # Written out twice: at full load the call of a method would cost more than its body.
        pulse = heartbeat.pulse
        pulse.entered += 1
        now = monotonic()
        if now >= pulse.sign_due_s:
            heartbeat.sign(now)
        pulse.alive_s = now
        if self._numbered:
            request = Numbered(pulse.entered, scope)
            REQUEST.set(request)
            send = request.telling(send)
        else:
            REQUEST.set(True)
        try:
            await self._target(scope, receive, send)
        finally:
            pulse.left += 1
            now = monotonic()
            if now >= pulse.sign_due_s:
                heartbeat.sign(now)
                pulse.endpoint = scope.get("endpoint", pulse.endpoint)
            pulse.alive_s = now
