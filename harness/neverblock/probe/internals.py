"""What the probe reads of Python's own insides: every private attribute, in this one place.

The sources of CPython 3.11.7, 3.12.1, 3.13.0, 3.14.10 and 3.15.2 were read for it. What is absent
in another version is not seen there, and nothing else changes.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import thread as pool_threads
from contextvars import Context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType


def _code_of(owner: object, name: str) -> CodeType | None:
    return getattr(getattr(owner, name, None), "__code__", None)


CALLBACK = _code_of(asyncio.Handle, "_run")
"""From where asyncio's own loop calls back: ``Handle._run`` in all five. A loop in C has none."""

WORKER = _code_of(pool_threads, "_worker")
"""Where the threads of a ThreadPoolExecutor begin: ``_worker`` in all five."""


def has_gil() -> bool:
    """Say whether threads take turns. Builds without a GIL exist from 3.13 on, and tell."""
    tell: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)
    return tell()


def stands_still() -> bool:
    """Say whether the stacks of running threads can be read: by the GIL, or a stop of the runtime.

    faulthandler's ``dump_traceback`` stops it from 3.14 on, in builds without a GIL.
    """
    return has_gil() or sys.version_info >= (3, 14)


def context_of(task: asyncio.Task[Any]) -> Context | None:
    """Give a task's context: by its own method from 3.12 on, before that from what it refers to."""
    get: Callable[[], Context] | None = getattr(task, "get_context", None)
    if get is not None:
        return get()
    return next((each for each in gc.get_referents(task) if isinstance(each, Context)), None)


def default_executor(loop: asyncio.AbstractEventLoop) -> Any:
    """Give the executor of a loop, or None: an attribute of asyncio's in all five.

    uvloop's is in C, and visible to the collector alone.
    """
    try:
        return loop._default_executor  # type: ignore[attr-defined]  # noqa: SLF001 - no public way
    except AttributeError:
        held = gc.get_referents(loop)
        return next((each for each in held if isinstance(each, ThreadPoolExecutor)), None)


def is_open(executor: Any) -> bool:
    """Say whether an executor takes calls: it is there, and was not shut down."""
    return not getattr(executor, "_shutdown", True)


def size_of(executor: Any) -> int | None:
    """Give how many threads an executor may have; None where it does not say."""
    return getattr(executor, "_max_workers", None)


def counts_of(executor: Any) -> tuple[int, int, int]:
    """Give how many threads an executor has, how many of them idle, and how many calls wait.

    The same attributes in all five. Up to 3.11 a thread counts itself as idle after every call,
    from 3.12 on only where no call waits. All 0 for another kind of executor.
    """
    try:
        return (
            len(executor._threads),  # noqa: SLF001 - there is no public way
            executor._idle_semaphore._value,  # noqa: SLF001 - the same
            executor._work_queue.qsize(),  # noqa: SLF001 - the same
        )
    except AttributeError:
        return 0, 0, 0


def workers() -> Iterator[tuple[Any, Any]]:
    """Yield the threads of all executors with the queues they work off: a table in all five."""
    queues = getattr(pool_threads, "_threads_queues", {})
    try:
        yield from list(queues.items())
    except RuntimeError:  # an executor started a thread meanwhile: there is a next time
        return


def executor_of(frame: FrameType | None) -> Any:
    """Give the executor that a thread works for, or None, by its stack.

    It is the first argument of ``_worker``, a weak reference. In all five it is called
    ``executor_reference``, though the arguments after it are others from 3.14 on.
    """
    while frame is not None:
        if frame.f_code is WORKER:
            reference = frame.f_locals.get("executor_reference")
            return reference() if reference is not None else None
        frame = frame.f_back
    return None


def work_of(item: object, variable: object) -> object:
    """Give what an executor's thread was asked to call, by ``self`` and ``fn`` where it calls it.

    Up to 3.13 that is ``_WorkItem.run``, with the function in ``self.fn``; from 3.14 on it is
    ``WorkerContext.run``, which has it in the variable.
    """
    return getattr(item, "__dict__", {}).get("fn", variable)
