"""``neverblock explain``: what a code means, as its page has it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from neverblock.analysis.codes import CODES, find_code, page
from neverblock.cli.edge import print_out


def explain(
    code: Annotated[
        str | None, typer.Argument(help="NB101 or blocking-io; all are listed without one.")
    ] = None,
) -> None:
    """Explain a finding: what it means, how it was seen, how to fix it, how to allow it.

    - `neverblock explain`: all codes.
    - `neverblock explain NB101`: the page of one; as plain Markdown where it is piped.
    """
    console = Console()
    if code is None:
        table = Table(title="neverblock explain CODE says more", title_justify="left")
        for column in ("code", "name", "says"):
            table.add_column(column, overflow="fold")
        for each in CODES:
            table.add_row(each.code, each.name, each.title)
        console.print(table)
        return
    text = page(find_code(code))
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        print_out(text)
