"""What a person sees while a run goes on: the phase, a line for each group, the results so far."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType
    from rich.progress import Task, TaskID

    from neverblock.result import Run


TENTHS = 10
"""Of the results: a log gets a line for each, so that it says how far a long run is."""
SILENT_S = 10.0
"""For how long a log says nothing at the most: who reads it must not think that it hangs."""


class Counted(ProgressColumn):
    """Shows a column for what has a total, and nothing for the steps beneath it."""

    def __init__(self, column: ProgressColumn) -> None:
        """Take the column to show."""
        super().__init__()
        self._column = column

    def render(self, task: Task) -> RenderableType:
        """Give the column of a task, or nothing."""
        return "" if task.total is None else self._column(task)


class ProgressDisplay:
    """Shows phases, groups and the count of results on a terminal; plain lines elsewhere."""

    def __init__(self, console: Console, results: int | None) -> None:
        """Take where to show it, and how many results there will be, where that is known."""
        self._console = console
        self._results = results
        self._done = 0
        self._left_out = 0
        self._unchecked = 0
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            Counted(BarColumn(bar_width=20)),
            Counted(MofNCompleteColumn()),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._groups: dict[str, TaskID] = {}
        self._logged_s = time.monotonic()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the display while the context lasts."""
        with self._progress:
            self._task = self._progress.add_task("starting", total=self._results)
            yield

    def total(self, results: int) -> None:
        """Set how many results there will be; what is not checked is known by then."""
        self._results, self._left_out = results, self._unchecked
        self._progress.update(self._task, total=results)
        if not self._console.is_terminal:
            self._log(f"{results} to ask")

    def phase(self, name: str) -> None:
        """Show that a phase of the run begins."""
        if self._console.is_terminal:
            self._progress.update(self._task, description=f"[bold]{name}")
        else:
            self._log(f"{name} ...")

    def step(self, group: str, what: str) -> None:
        """Show what a group is at; one that is done leaves the display."""
        if not self._console.is_terminal:
            if what != "done" and time.monotonic() - self._logged_s >= SILENT_S:
                self._log(f"  {what}")
            return
        if what == "done":
            if (task := self._groups.pop(group, None)) is not None:
                self._progress.remove_task(task)
            return
        if group not in self._groups:
            self._groups[group] = self._progress.add_task("", total=None)
        self._progress.update(self._groups[group], description=f"  {what}")

    def run(self, run: Run) -> None:
        """Show how far the run is: what turns out not to be checkable is done with as well."""
        self._unchecked = len(run.unchecked)
        done = len(run.results) + self._unchecked - self._left_out
        before, self._done = self._done, done
        self._progress.update(self._task, completed=done)
        if self._console.is_terminal or not self._results:
            return
        if done * TENTHS // self._results > before * TENTHS // self._results:
            refused = self._unchecked - self._left_out
            last = refused and done == self._results
            said = f"; not checked, as they refused what was made up: {refused}" if last else ""
            self._log(f"{done} of {self._results}{said}")

    def _log(self, line: str) -> None:
        self._logged_s = time.monotonic()
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
