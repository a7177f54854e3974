"""``neverblock report``: a saved run, rendered again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neverblock.cli.browser import open_page
from neverblock.cli.options import (
    Format,
    GitlabFile,
    HtmlFile,
    JsonFile,
    JunitFile,
    MarkdownFile,
    Reports,
    SarifFile,
    Shown,
    SpeedscopeFile,
    Verbose,
)
from neverblock.cli.output import copies_of, show, write_copies
from neverblock.storage import run_file, run_folders


def report(
    run: Annotated[
        str, typer.Argument(help="A run's folder, its run.json, or latest.")
    ] = run_file.LATEST,
    *,
    format: Shown = Format.TEXT,  # noqa: A002 - the option's own name
    verbose: Verbose = False,
    reports: Reports = Path("reports"),
    json: JsonFile = None,
    html: HtmlFile = None,
    junit: JunitFile = None,
    sarif: SarifFile = None,
    gitlab: GitlabFile = None,
    md: MarkdownFile = None,
    speedscope: SpeedscopeFile = None,
    open_: Annotated[
        bool, typer.Option("--open", help="Write the run's page anew, and open it in a browser.")
    ] = False,
) -> None:
    """Render a saved run again, without firing a single request.

    - `neverblock report`: the last run, as text.
    - `neverblock report 2026-11-22T141310Z --html page.html`: that one, as a page.
    - `neverblock report --open`: the last run's page, in a browser.
    """
    path = run_folders.resolve(reports, run)
    saved = run_file.load(path)
    copies = copies_of(json, html, junit, sarif, gitlab, md, speedscope)
    write_copies(saved, copies)
    if open_:
        open_page(saved, path)
    elif not any(copies.values()):
        show(saved, format, verbose=verbose)
