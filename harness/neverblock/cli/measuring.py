"""One run at the terminal: progress shown, every result saved as it comes, Ctrl-C handled."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from neverblock.cli.progress import ProgressDisplay
from neverblock.cli.terminal import console
from neverblock.run.log import Watcher
from neverblock.storage import run_file
from neverblock.storage.run_folders import own_folder
from neverblock.target.processes import TERMINATE, when_signalled

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
    display = ProgressDisplay(console(stderr=True), results)
    with own_folder(reports, datetime.now(UTC)) as folder:
        file = run_file.RunFile(folder)

        def keep(run: Run) -> None:
            file.save(run)
            display.run(run)

        with display.shown(), telling_where(folder):
            yield Watcher(display.phase, display.step, keep, display.total), folder


@contextmanager
def telling_where(folder: Path) -> Iterator[None]:
    """Note on whatever ends a run where that what was measured until then is saved."""
    try:
        yield
    except Exception as error:
        if (folder / run_file.RUN_FILE).is_file():
            error.add_note(f"What was measured until then is saved: {folder}")
        raise


@contextmanager
def keeping(reports: Path) -> Iterator[tuple[Watcher, Path]]:
    """Save a run after each result, as ``watching`` does, and show nothing of it."""
    with own_folder(reports, datetime.now(UTC)) as folder:
        file = run_file.RunFile(folder)

        def keep(run: Run) -> None:
            file.save(run)

        yield Watcher(lambda _: None, lambda *_: None, keep), folder


def complete(run: Coroutine[None, None, T]) -> T:
    """Wait for a run, or two; Ctrl-C and SIGTERM end it, with what was measured so far.

    A second signal changes nothing: the servers are being stopped, which takes seconds at most.
    """

    async def interruptible() -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        if task is not None:
            when_signalled(loop, task.cancel, signal.SIGINT, TERMINATE)
        return await run

    return asyncio.run(interruptible())
