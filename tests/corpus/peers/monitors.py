"""Tools that watch the running loop: each is armed around an app, and collects stacks.

An adapter is an async context manager. It takes the app, the threshold and the list that stacks
are to be appended to, and gives the app to be asked. The tools are imported where they are used,
because some of them change the process as soon as they are imported.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
import traceback
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peers.stacks import APP, Stack, own_frames, told_in
from peers.tools import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

Stacks = list[Stack]


@asynccontextmanager
async def blockbuster(app: Any, _: None, stacks: Stacks) -> AsyncIterator[Any]:
    """Note each error where it is made: some never reach the client."""
    from blockbuster import blockbuster as module

    class NotedError(module.BlockingError):
        def __init__(self, func: str) -> None:
            super().__init__(func)
            stacks.append(_plain(traceback.extract_stack()))

    module.BlockingError = NotedError
    with module.blockbuster_ctx(APP.name):
        yield app


@asynccontextmanager
async def aiocop(app: Any, threshold_s: float, stacks: Stacks) -> AsyncIterator[Any]:
    """Count what exceeded the threshold, with the stacks of its calls and of its samples."""
    import aiocop as module

    def note(event: Any) -> None:
        if event.exceeded_threshold:
            told = [*event.blocking_events, *event.cpu_stack_samples]
            stacks.extend([told_in(each["trace"])[::-1] for each in told] or [[]])

    module.patch_audit_functions()
    module.start_blocking_io_detection(trace_depth=50)
    module.start_cpu_sampling(interval_ms=5, trace_depth=50)
    module.detect_slow_tasks(threshold_ms=int(threshold_s * 1000), on_slow_task=note)
    module.activate()
    yield app
    module.deactivate()


@asynccontextmanager
async def pyleak(app: Any, threshold_s: float, stacks: Stacks) -> AsyncIterator[Any]:
    """Let every file of the app and of the framework count, not those of one caller alone."""
    import fastapi
    import starlette
    from pyleak.eventloop import no_event_loop_blocking
    from pyleak.utils import CallerContext

    folders = [APP, *(Path(module.__file__).parent for module in (fastapi, starlette))]
    files = {str(file) for folder in folders for file in folder.rglob("*.py")}
    watching = no_event_loop_blocking(
        action="log",
        threshold=threshold_s,
        check_interval=0.01,
        caller_context=CallerContext("", "", files=files),
    )
    async with watching:
        watching.detector._handle_single_block = lambda block: stacks.append(
            _plain(block.blocking_stack or [])
        )
        yield app


@asynccontextmanager
async def loopsentry(app: Any, threshold_s: float, stacks: Stacks) -> AsyncIterator[Any]:
    """Take each block from where it is written to the log."""
    from loopsentry import LoopSentry

    with tempfile.TemporaryDirectory() as folder:
        sentry = LoopSentry(base_dir=folder, threshold=threshold_s)
        write = sentry._emit_entry

        def note(entry: dict[str, Any]) -> None:
            write(entry)
            if entry["type"] == "block_started":
                stacks.append(told_in("".join(entry["stack"])))

        sentry._emit_entry = note
        sentry.start()
        yield app
        sentry.stop()


@asynccontextmanager
async def loopguard(app: Any, threshold_s: float, stacks: Stacks) -> AsyncIterator[Any]:
    """Put its middleware before the app, and count its warnings; they name no line."""
    from fastapi_loopguard import LoopGuardConfig, LoopGuardMiddleware

    threshold_ms = threshold_s * 1000
    config = LoopGuardConfig(
        monitor_interval_ms=min(10.0, threshold_ms), fallback_threshold_ms=threshold_ms
    )
    middleware = LoopGuardMiddleware(app, config)
    with _warnings_of("fastapi_loopguard", stacks, "blocked"):
        yield middleware
        await middleware._stop_monitor()


@asynccontextmanager
async def livekit(app: Any, threshold_s: float, stacks: Stacks) -> AsyncIterator[Any]:
    """Take each report, without the limits of thirty a minute (five in the log)."""
    from livekit.agents.telemetry import loop_monitor

    loop_monitor.MAX_SPANS_PER_MINUTE = loop_monitor.MAX_LOGS_PER_MINUTE = 10_000
    loop = asyncio.get_running_loop()
    thresholds = loop_monitor.LoopMonitorThresholds(warn=threshold_s, error=0.5)
    monitor = loop_monitor.start_monitoring(loop, thresholds=thresholds, emit_spans=False)

    def note(report: Any) -> None:
        if not report.process_descheduled:
            stacks.extend([told_in(stack) for stack in report.stacks] or [[]])

    monitor._on_report = note
    yield app
    loop_monitor.stop_monitoring(loop)


@asynccontextmanager
async def asyncio_debug(app: Any, threshold_s: float, stacks: Stacks) -> AsyncIterator[Any]:
    """Count what the loop logs as a slow callback."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = threshold_s
    with _warnings_of("asyncio", stacks, "Executing"):
        yield app
    loop.set_debug(False)


@asynccontextmanager
async def blocksnoop(app: Any, threshold_s: float, stacks: Stacks) -> AsyncIterator[Any]:
    """Let it attach to this process from outside; an austin on the PATH goes before its own."""
    folder = Path(sys.prefix) / OUTSIDE / "bin"
    ended: dict[str, Any] = {}
    with tempfile.TemporaryFile("w+") as messages:
        process = await asyncio.create_subprocess_exec(
            str(folder / "blocksnoop"),
            *("-t", f"{threshold_s * 1000:g}", "--json", str(os.getpid())),
            stdout=asyncio.subprocess.PIPE,
            stderr=messages,
            limit=2**24,
            env={**os.environ, "PATH": f"{os.environ['PATH']}:{folder}"},
        )

        async def read() -> None:
            async for line in process.stdout:
                record = json.loads(line)
                if record["type"] == "blocking_event":
                    stacks.extend(map(_of_blocksnoop, record["python_stacks"] or [[]]))
                elif record["type"] == "session_summary":
                    ended.update(record)

        reading = asyncio.create_task(read())
        yield app
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await reading
        messages.seek(0)
        said = " ".join(messages.read().split())
    if ended.get("status") != "interrupted" or "Austin has not produced any samples" in said:
        raise RuntimeError(said)


def _of_blocksnoop(stack: list[dict[str, Any]]) -> Stack:
    return own_frames((frame["file"], frame["line"], frame["function"]) for frame in stack)


class _Noting(logging.Handler):
    """Keeps the places that messages tell of."""

    def __init__(self, stacks: Stacks, word: str) -> None:
        super().__init__(logging.WARNING)
        self._stacks = stacks
        self._word = word

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if self._word in message:
            self._stacks.append(told_in(message))


@contextmanager
def _warnings_of(name: str, stacks: Stacks, word: str) -> Iterator[None]:
    """Collect the warnings of a logger that hold a word."""
    logger = logging.getLogger(name)
    handler = _Noting(stacks, word)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _plain(stack: Any) -> Stack:
    return own_frames((frame.filename, frame.lineno, frame.name) for frame in stack)
