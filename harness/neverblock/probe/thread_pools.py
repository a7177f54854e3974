"""How busy the thread pools are: anyio's limiter and the loop's default executor."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio


class Pools:
    """Both pools of one loop. Create it on the loop; read it from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the limiter, if the app has imported anyio."""
        self._loop = loop
        self._limiter: Any = None
        if "anyio" in sys.modules:
            from anyio import to_thread  # noqa: PLC0415 - only where the app uses it

            self._limiter = to_thread.current_default_thread_limiter()

    def state(self) -> dict[str, Any]:
        """Give the fields of ``model.Executors`` as they are now."""
        state: dict[str, Any] = {}
        if self._limiter is not None:
            state["anyio_tokens"] = self._limiter.total_tokens
            state["anyio_borrowed"] = self._limiter.borrowed_tokens
            state["anyio_waiting"] = self._limiter.statistics().tasks_waiting
        executor = self._default_executor()
        if executor is not None:
            # An executor's state is private in every version.
            queued = executor._work_queue.qsize()  # noqa: SLF001 - there is no public way
            threads = len(executor._threads)  # noqa: SLF001 - the same
            idle = executor._idle_semaphore._value  # noqa: SLF001 - the same
            state["default_threads"] = executor._max_workers  # noqa: SLF001 - the same
            state["default_busy"] = max(0, threads - idle) if not queued else threads
            state["default_queued"] = queued
        return state

    def _default_executor(self) -> Any:
        """Give the loop's default executor; uvloop shows its own to the garbage collector only."""
        try:
            return self._loop._default_executor  # type: ignore[attr-defined]  # noqa: SLF001 - no public way
        except AttributeError:
            referents = gc.get_referents(self._loop)
            return next((each for each in referents if isinstance(each, ThreadPoolExecutor)), None)
