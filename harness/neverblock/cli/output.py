"""What becomes of a run: shown, written where the options say, and turned into an exit code."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from neverblock.cli.edge import print_out
from neverblock.cli.github import tell_github
from neverblock.cli.options import Format
from neverblock.cli.terminal import console
from neverblock.errors import StoreError, UsageError
from neverblock.gate.changes import compared_run
from neverblock.gate.compare import compare
from neverblock.gate.decide import decide, excused_run, requiring
from neverblock.report import create_renderer, decision_text
from neverblock.storage import run_file, run_folders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neverblock.gate.decide import Decision
    from neverblock.gate.policy import Policy
    from neverblock.result import Run

STDOUT = Path("-")


def copies_of(
    json: Path | None,
    html: Path | None,
    junit: Path | None,
    sarif: Path | None,
    gitlab: Path | None,
    md: Path | None,
    speedscope: Path | None,
) -> dict[str, Path | None]:
    """Give where a copy of the run goes, by the name of its format; None is nowhere."""
    return {
        "json": json,
        "html": html,
        "junit": junit,
        "sarif": sarif,
        "gitlab": gitlab,
        "markdown": md,
        "speedscope": speedscope,
    }


def finish(
    measured: tuple[Run, Path],
    copies: Mapping[str, Path | None],
    policy: Policy,
    *,
    baseline: Run | None = None,
    verbose: bool = False,
    shown: Format = Format.TEXT,
) -> None:
    """Write the page, point ``latest`` at the run, show the table, and exit with the decision.

    ``copies`` says by the name of a format where a copy of the run goes; None is nowhere. The
    decision is printed where it is not plain from the verdicts: by a baseline, or by the policy.
    """
    run, folder = measured
    run_folders.point_latest(folder)
    comparison = None if baseline is None else compare(baseline, run)
    decision = decide(run, policy, today=datetime.now(UTC).date(), baseline=comparison)
    run = requiring(excused_run(run, decision), policy)
    if comparison is not None:
        run = compared_run(run, comparison)
    run_file.save(run, folder)
    keep_page(run, folder)
    write_copies(run, {name: path for name, path in copies.items() if path != STDOUT})
    tell_github(run, os.environ)
    write_copies(run, {name: path for name, path in copies.items() if path == STDOUT})
    if STDOUT not in copies.values():
        show(run, shown, verbose=verbose)
        unplain = comparison is not None or decision.tolerated or decision.warnings
        if shown is Format.TEXT and unplain:
            tell(decision, told=True)
    raise typer.Exit(decision.exit_code)


def keep_page(run: Run, folder: Path) -> None:
    """Write the page of a run beside it; without what it needs, say so and keep the run."""
    terminal = console(stderr=True)
    try:
        page = create_renderer("html")(run)
    except UsageError as error:
        terminal.print(f"Saved: {escape(str(folder))}. {escape(str(error))}", highlight=False)
        return
    write(folder / "index.html", page)
    terminal.print(f"Report: {escape(str(folder / 'index.html'))}", highlight=False)


def tell(decision: Decision, *, told: bool = False) -> None:
    """Print what the gate decided, and why; in short where the findings have been ``told``."""
    terminal = console()
    width, colour = terminal.width, terminal.is_terminal
    print_out(decision_text.render(decision, width=width, colour=colour, told=told))


def show(run: Run, format: Format, *, verbose: bool = False) -> None:  # noqa: A002 - the option's own name
    """Print a run; the text form fits the terminal and its colours."""
    if format is Format.TEXT:
        from neverblock.report import text  # noqa: PLC0415 - loaded only when it is shown

        terminal = console()
        page = text.render(run, width=terminal.width, colour=terminal.is_terminal, verbose=verbose)
        print_out(page)
    else:
        print_out(create_renderer(format.value)(run))


def foresee(copies: Mapping[str, Path | None]) -> None:
    """Refuse what cannot be written, before anything is measured for it.

    Raises UsageError where a format needs what is not installed, StoreError for a missing folder,
    and where nothing can be written that a run keeps while it lasts.
    """
    try:
        tempfile.gettempdir()
    except OSError as error:
        raise StoreError(
            "There is no folder for temporary files that can be written to.",
            "Name one: TMPDIR=/path neverblock ...",
        ) from error
    for name, path in copies.items():
        if path is None:
            continue
        create_renderer(name)
        if path != STDOUT and not path.parent.is_dir():
            raise StoreError(
                f"'{path}' cannot be written: there is no folder '{path.parent}'.",
                "Name a file in a folder that exists.",
            )


def write_copies(run: Run, copies: Mapping[str, Path | None]) -> None:
    """Write the run in each format where the options say."""
    for name, path in copies.items():
        if path is not None:
            write(path, create_renderer(name)(run))


def write(path: Path, text: str) -> None:
    """Write a text to a file, or to standard output for ``-``. Raises StoreError."""
    if path == STDOUT:
        print_out(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"'{path}' cannot be written: {error.strerror}.", "Name another file."
        ) from error
