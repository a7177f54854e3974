"""``neverblock explain``: what a code means, as its page has it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.table import Table

from neverblock.analysis.codes import CODES, find_code, page, short_page
from neverblock.cli.edge import print_out
from neverblock.cli.terminal import console
from neverblock.config.page import TOPIC, configuration_page


class PageFormat(StrEnum):
    """What a page can be shown as."""

    TEXT = "text"
    AGENT = "agent"


def explain(
    code: Annotated[
        str | None, typer.Argument(help="NB101, blocking-io, or config; all codes without one.")
    ] = None,
    *,
    format: Annotated[  # noqa: A002 - the option's own name
        PageFormat, typer.Option("--format", help="agent: what it means and what to do, in short.")
    ] = PageFormat.TEXT,
) -> None:
    """Explain a finding: what it means, how it was seen, how to fix it, how to allow it.

    - `neverblock explain`: all codes.
    - `neverblock explain NB101`: the page of one; as plain Markdown where it is piped.
    - `neverblock explain config`: every key of `[tool.neverblock]`.
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
    if format is PageFormat.AGENT and code != TOPIC:
        print_out(short_page(find_code(code)))
        return
    text = configuration_page() if code == TOPIC else page(find_code(code))
    if terminal.is_terminal:
        terminal.print(Markdown(text))
    else:
        print_out(text)
