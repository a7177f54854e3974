"""One run at the terminal: progress shown, every result saved as it comes, Ctrl-C handled."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console

from neverblock.cli.progress import ProgressDisplay
from neverblock.run.log import Watcher
from neverblock.storage import run_file
from neverblock.target.processes import when_terminated

T = TypeVar("T")

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

    from neverblock.result import Run


@contextmanager
def watching(reports: Path, results: int | None) -> Iterator[tuple[Watcher, Path]]:
    """Show a run while the context lasts, and save it after each result.

    Takes the folder of all runs, and how many results there will be, where that is known; gives
    the watcher of the run, and the run's own folder.
    """
    folder = run_file.new_folder(reports, datetime.now(UTC))
    file = run_file.RunFile(folder)
    display = ProgressDisplay(Console(stderr=True), results)

    def keep(run: Run) -> None:
        file.save(run)
        display.run(run)

    with display.shown():
        yield Watcher(display.phase, display.step, keep, display.total), folder


@contextmanager
def keeping(reports: Path) -> Iterator[tuple[Watcher, Path]]:
    """Save a run after each result, as ``watching`` does, and show nothing of it."""
    folder = run_file.new_folder(reports, datetime.now(UTC))
    file = run_file.RunFile(folder)

    def keep(run: Run) -> None:
        file.save(run)

    yield Watcher(lambda _: None, lambda *_: None, keep), folder


def complete(run: Coroutine[None, None, T]) -> T:
    """Wait for a run, or two; SIGTERM ends it as Ctrl-C does, with what was measured so far."""

    async def interruptible() -> T:
        task = asyncio.current_task()
        if task is not None:
            when_terminated(asyncio.get_running_loop(), task.cancel)
        return await run

    return asyncio.run(interruptible())
