"""``neverblock compare``: two saved runs side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from neverblock.analysis.codes import CODES
from neverblock.cli.deciding import conclude, saved_run
from neverblock.cli.edge import print_out
from neverblock.cli.options import HtmlFile, MarkdownFile, Reports
from neverblock.cli.output import STDOUT, write
from neverblock.cli.terminal import console
from neverblock.config import load_policy
from neverblock.gate.changes import compared_run
from neverblock.gate.compare import compare
from neverblock.gate.policy import FailOn
from neverblock.report import compare_json, compare_text, create_renderer
from neverblock.storage import run_file


def compare_runs(
    base: Annotated[str, typer.Argument(help="The earlier run: its folder or its run.json.")],
    head: Annotated[
        str, typer.Argument(help="The newer run: its folder, its run.json, or latest.")
    ] = run_file.LATEST,
    *,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(help="Decide as well. any: every failure fails; new: only what got worse."),
    ] = None,
    reports: Reports = Path("reports"),
    json: Annotated[
        Path | None, typer.Option("--json", help="Write the comparison here; - for stdout.")
    ] = None,
    html: HtmlFile = None,
    md: MarkdownFile = None,
) -> None:
    """Set two saved runs side by side: newly blocking, fixed, worse, better, gone, new.

    It compares figures that are free of scale, each with its interval, and refuses to compare runs
    that were made under other conditions.

    - `neverblock compare main.json`: what became of each endpoint in the last run.
    - `neverblock compare main.json --fail-on new`: and fail where anything got worse.
    """
    newer = saved_run(reports, head)
    comparison = compare(saved_run(reports, base), newer)
    if json is not None:
        write(json, compare_json.render(comparison))
    if html is not None:
        from neverblock.report import compare_html  # noqa: PLC0415 - it needs the extra `report`

        write(html, compare_html.render(comparison))
    if md is not None:
        write(md, create_renderer("markdown")(compared_run(newer, comparison)))
    if STDOUT not in {json, html, md}:
        terminal = console()
        print_out(
            compare_text.render(comparison, width=terminal.width, colour=terminal.is_terminal)
        )
    if fail_on is not None:
        policy = replace(load_policy(Path(), {code.code for code in CODES}).policy, fail_on=fail_on)
        conclude(newer, policy, comparison, None, quiet=STDOUT in {json, html, md})
