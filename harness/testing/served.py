"""An app object served by the test's own process, in a thread with an event loop of its own.

So overrides, fixtures and patches of the test apply, and what the app did can be asserted on.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import uvicorn

from harness.errors import TargetError
from harness.probe.config import ProbeConfig
from harness.probe.wrapper import ProbedApp
from harness.serve import BACKLOG, GRACE_S, KEEP_ALIVE_S
from harness.server import listen
from harness.testing.job import Here

if TYPE_CHECKING:
    from types import TracebackType

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
POLL_S = 0.01


class ServedApp:
    """Serves an app from enter to exit; the probe is gone with it."""

    def __init__(self, app: Any, project_root: Path) -> None:
        """Take an ASGI app, and the folder whose code is the user's own."""
        self._folder = tempfile.TemporaryDirectory(prefix="neverblock-")
        self._probed = ProbedApp(
            app,
            ProbeConfig(
                target="", trace_dir=self._folder.name, project_roots=(str(project_root.resolve()),)
            ),
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._probed,
                log_level="warning",
                log_config=None,
                access_log=False,
                backlog=BACKLOG,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        """Start serving. Raises TargetError where the app does not start."""
        self._socket = listen(0)
        port = self._socket.getsockname()[1]
        self.here = Here(f"http://127.0.0.1:{port}", os.getpid(), Path(self._folder.name))
        self._thread = threading.Thread(target=self._run, name="neverblock-server", daemon=True)
        self._thread.start()
        give_up_s = time.monotonic() + START_TIMEOUT_S
        while not self._server.started:
            if not self._thread.is_alive():
                self.close()
                raise TargetError(
                    "The app did not start: its lifespan failed.",
                    f"{self._error!r}" if self._error else "Its log says why.",
                )
            if time.monotonic() > give_up_s:
                self.close()
                raise TargetError(
                    f"The app did not start within {START_TIMEOUT_S:g} s.",
                    "Does its lifespan complete?",
                )
            time.sleep(POLL_S)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop serving, with the lifespan's end."""
        self.close()

    def close(self) -> None:
        """Stop the server and the probe, and remove the traces."""
        self._server.should_exit = True
        self._thread.join(STOP_TIMEOUT_S)
        self._socket.close()
        self._folder.cleanup()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except BaseException as error:  # noqa: BLE001 - told where the start is awaited
            self._error = error
        finally:
            self._probed.disarm()
