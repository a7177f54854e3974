"""What becomes of a run: shown, written where the options say, and turned into an exit code."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape

from harness import store
from harness.errors import StoreError
from harness.gate import decide
from harness.policy import Policy
from harness.render import create_renderer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.result import Run

STDOUT = Path("-")


class Format(StrEnum):
    """What a run can be shown as."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def finish(
    measured: tuple[Run, Path],
    copies: Mapping[str, Path | None],
    *,
    require_all: bool = False,
    verbose: bool = False,
) -> None:
    """Write the page, point ``latest`` at the run, show the table, and exit with the verdict.

    ``copies`` says by the name of a format where a copy of the run goes; None is nowhere.
    """
    run, folder = measured
    store.point_latest(folder)
    if STDOUT not in copies.values():
        show(run, Format.TEXT, verbose=verbose)
    write_copies(run, copies)
    write(folder / "index.html", create_renderer("html")(run))
    Console(stderr=True).print(f"Report: {escape(str(folder / 'index.html'))}", highlight=False)
    today = datetime.now(UTC).date()
    raise typer.Exit(decide(run, Policy(require_all=require_all), today=today).exit_code)


def show(run: Run, format: Format, *, verbose: bool = False) -> None:  # noqa: A002 - the option's own name
    """Print a run; the text form fits the terminal and its colours."""
    if format is Format.TEXT:
        from harness.render import text  # noqa: PLC0415 - loaded only when it is shown

        console = Console()
        page = text.render(run, width=console.width, colour=console.is_terminal, verbose=verbose)
        sys.stdout.write(page)
    else:
        sys.stdout.write(create_renderer(format.value)(run))


def write_copies(run: Run, copies: Mapping[str, Path | None]) -> None:
    """Write the run in each format where the options say."""
    for name, path in copies.items():
        if path is not None:
            write(path, create_renderer(name)(run))


def write(path: Path, text: str) -> None:
    """Write a text to a file, or to standard output for ``-``. Raises StoreError."""
    if path == STDOUT:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"'{path}' cannot be written: {error.strerror}.", "Name another file."
        ) from error
