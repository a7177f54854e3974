"""``neverblock explain``: what a code means, as its page has it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.table import Table

from neverblock.analysis.codes import CODES, find_code, page
from neverblock.cli.terminal import console


def explain(
    code: Annotated[
        str | None, typer.Argument(help="NB101 or blocking-io; all are listed without one.")
    ] = None,
) -> None:
    """Explain a finding: what it means, how it was seen, how to fix it, how to allow it.

    - `neverblock explain`: all codes.
    - `neverblock explain NB101`: the page of one; as plain Markdown where it is piped.
    """
    terminal = console()
    if code is None:
        table = Table(title="neverblock explain CODE says more", title_justify="left")
        for column in ("code", "name", "says"):
            table.add_column(column, overflow="fold")
        for each in CODES:
            table.add_row(each.code, each.name, each.title)
        terminal.print(table)
        return
    text = page(find_code(code))
    if terminal.is_terminal:
        terminal.print(Markdown(text))
    else:
        sys.stdout.write(text)
