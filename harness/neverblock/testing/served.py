"""An app object served by the test's own process, in a thread with an event loop of its own.

So overrides, fixtures and patches of the test apply, and what the app did can be asserted on.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Self

import uvicorn

from neverblock.errors import TargetError, UsageError
from neverblock.probe.config import ProbeConfig
from neverblock.probe.uvicorn_child import BACKLOG, GRACE_S, KEEP_ALIVE_S
from neverblock.probe.wrapper import ProbedApp
from neverblock.target.log_tail import log_tail
from neverblock.target.scratch import scratch_folder
from neverblock.target.server import listen
from neverblock.testing.job import Here

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

STOP_TIMEOUT_S = 10.0
POLL_S = 0.01


class ServedApp:
    """Serves an app from enter to exit; the probe is gone with it."""

    def __init__(self, app: Any, project_root: Path, start_timeout_s: float) -> None:
        """Take an ASGI app, and the folder whose code is the user's own.

        Raises UsageError for what cannot be an app.
        """
        if not callable(app):
            raise UsageError(
                f"{app!r:.60} is no ASGI app.",
                "Give the app itself, or an import string: 'package.module:app'.",
            )
        self._root = project_root.resolve()
        self._start_timeout_s = start_timeout_s
        self._scratch = ExitStack()
        self._folder = self._scratch.enter_context(scratch_folder())
        self._probed = ProbedApp(
            app,
            ProbeConfig(target="", trace_dir=str(self._folder), project_roots=(str(self._root),)),
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._watch_start,
                interface="asgi3",
                log_level="warning",
                log_config=None,
                access_log=False,
                backlog=BACKLOG,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
                ws="none",  # requests alone are made, and websockets' import may warn
            )
        )
        self._task: asyncio.Task[None] | None = None
        self._complaint = ""

    async def _watch_start(self, scope: Any, receive: Any, send: Any) -> None:
        """Be the app, and remember what it says where its lifespan fails."""
        if scope["type"] != "lifespan":
            await self._probed(scope, receive, send)
            return

        async def heard(message: Any) -> None:
            if message["type"] == "lifespan.startup.failed":
                self._complaint = log_tail(message.get("message", ""), self._root)
            await send(message)

        await self._probed(scope, receive, heard)

    def __enter__(self) -> Self:
        """Start serving. Raises TargetError where the app does not start."""
        self._socket = listen(0)
        port = self._socket.getsockname()[1]
        self.here = Here(f"http://127.0.0.1:{port}", os.getpid(), self._folder)
        self._thread = threading.Thread(target=self._run, name="neverblock-server", daemon=True)
        self._thread.start()
        try:
            self._await_start()
        except BaseException:
            self._server.force_exit = True
            self._close(patience_s=0.0)
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop serving, with the lifespan's end."""
        self._close(patience_s=STOP_TIMEOUT_S)

    def _await_start(self) -> None:
        give_up_s = time.monotonic() + self._start_timeout_s
        while not self._server.started:
            if not self._thread.is_alive():
                raise TargetError(
                    "The app did not start: its lifespan failed.",
                    self._complaint or "It did not say why; pytest's captured log may.",
                )
            if time.monotonic() > give_up_s:
                raise TargetError(
                    f"The app did not start within {self._start_timeout_s:g} s.",
                    "Does its lifespan complete? neverblock_start_timeout gives it longer.",
                )
            time.sleep(POLL_S)

    def _close(self, patience_s: float) -> None:
        """Stop the server and the probe, and remove the traces; a lifespan may take so long."""
        self._server.should_exit = True
        self._thread.join(patience_s)
        if self._thread.is_alive() and self._task is not None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._task.get_loop().call_soon_threadsafe(self._task.cancel)
            self._thread.join(STOP_TIMEOUT_S)
        self._socket.close()
        self._scratch.close()

    def _run(self) -> None:
        try:
            with (
                suppress(asyncio.CancelledError, SystemExit),  # uvicorn's way to give up
                asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner,
            ):
                runner.run(self._serve())
        except Exception as error:  # noqa: BLE001 - raised where the start is awaited
            self._complaint = repr(error)
        finally:
            self._probed.disarm()

    async def _serve(self) -> None:
        self._task = asyncio.current_task()
        await self._server.serve(sockets=[self._socket])
