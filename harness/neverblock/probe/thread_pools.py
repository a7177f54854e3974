"""How busy the thread pools of a process are: anyio's limiter, the loop's executor, the app's own.

The loop adds up their use at every heartbeat (``advance``); the watchdog finds out which pools
there are (``refresh``) and reports the sums. What an executor holds is private everywhere, see
``internals``: one of another kind is left out.
"""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any

from . import internals

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping
    from types import FrameType

ANYIO, DEFAULT, OWN = "anyio-tokens", "default-executor", "thread-pool"


class Use:
    """The use of one pool since the probe was armed, in seconds; see ``model.Pool``."""

    __slots__ = ("held_s", "queued_s", "size", "waiting")

    def __init__(self) -> None:
        """Start at nothing."""
        self.size: float | None = None
        self.held_s = self.queued_s = 0.0
        self.waiting = 0

    def add(self, held: int, waiting: int, for_s: float) -> None:
        """Add a stretch of time with ``held`` threads taken and ``waiting`` calls queued."""
        self.held_s += held * for_s
        if waiting:
            self.queued_s += for_s
            self.waiting = max(self.waiting, waiting)

    def most_waited(self) -> int:
        """Give how many calls were queued at once at the most since this was asked last."""
        most, self.waiting = self.waiting, 0
        return most


class Executor:
    """One ThreadPoolExecutor: how many of its threads are taken, and how many calls wait for one.

    Up to CPython 3.11 a thread counts itself as idle after every call, though the next one waits
    already: after a queue the count is too high by as many. What it is too high by is seen at rest.
    """

    def __init__(self, executor: Any) -> None:
        """Take the executor; it is not kept alive."""
        self._reference = weakref.ref(executor)
        self._excess = 0

    @property
    def executor(self) -> Any:
        """The executor, or None where it has gone or was shut down: then no call waits in it."""
        executor = self._reference()
        return executor if internals.is_open(executor) else None

    @property
    def size(self) -> int | None:
        """How many threads it may have."""
        return internals.size_of(self.executor)

    def load(self) -> tuple[int, int]:
        """Give how many of its threads are taken, and how many calls wait for one."""
        threads, idle, queued = internals.counts_of(self.executor)
        return (threads if queued else max(0, threads - idle + self._excess)), queued

    def rest(self) -> None:
        """Take note that no call is under way."""
        threads, idle, queued = internals.counts_of(self.executor)
        if not queued:
            self._excess = idle - threads


class Pools:
    """The pools that one loop's requests may use. Create it on the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Find the limiter, if the app has loaded anyio."""
        self._loop = loop
        self._limiter: Any = None
        self._default: Executor | None = None
        self._own: list[Executor] = []
        self._known: weakref.WeakSet[Any] = weakref.WeakSet()
        self._use = {name: Use() for name in (ANYIO, DEFAULT, OWN)}
        if "anyio" in sys.modules:
            from anyio import to_thread  # noqa: PLC0415 - only where the app uses it

            self._limiter = to_thread.current_default_thread_limiter()

    def advance(self, for_s: float) -> None:
        """Add a stretch of time that ends now, by the state of the pools; called on the loop."""
        limiter = self._limiter
        if limiter is not None and (borrowed := limiter.borrowed_tokens):
            use, full = self._use[ANYIO], borrowed >= limiter.total_tokens
            use.size = limiter.total_tokens
            use.add(borrowed, limiter.statistics().tasks_waiting if full else 0, for_s)
        if self._default is not None:
            self._add(self._use[DEFAULT], self._default, for_s)
        for executor in self._own:
            self._add(self._use[OWN], executor, for_s)

    @staticmethod
    def _add(use: Use, executor: Executor, for_s: float) -> None:
        busy, queued = executor.load()
        if busy:
            use.size = executor.size
            use.add(busy, queued, for_s)

    def rest(self) -> None:
        """Take note that no request is in flight."""
        for executor in (*filter(None, [self._default]), *self._own):
            executor.rest()

    def refresh(self, frames: Mapping[int, FrameType]) -> None:
        """Find the loop's executor and those of the app, by the threads that run now."""
        default = internals.default_executor(self._loop)
        if default is not None and (self._default is None or self._default.executor is not default):
            self._default = Executor(default)
        self._own = [each for each in self._own if each.executor is not None]
        for thread, queue in internals.workers():
            if queue in self._known or thread.ident not in frames:
                continue
            executor = internals.executor_of(frames[thread.ident])
            if executor is not None:
                self._known.add(queue)
                if executor is not default:
                    self._own.append(Executor(executor))

    def state(self) -> dict[str, Any]:
        """Give what ``model.Executors`` holds as of now, and the sums as ``pools``.

        Of these, how many calls were queued is of the time since the last report.
        """
        state: dict[str, Any] = {}
        if self._limiter is not None:
            state["anyio_tokens"] = self._limiter.total_tokens
            state["anyio_borrowed"] = self._limiter.borrowed_tokens
            state["anyio_waiting"] = self._limiter.statistics().tasks_waiting
        if self._default is not None:
            state["default_threads"] = self._default.size
            state["default_busy"], state["default_queued"] = self._default.load()
        state["pools"] = [
            [name, use.size, use.held_s, use.queued_s, use.most_waited()]
            for name, use in self._use.items()
            if use.held_s
        ]
        return state
