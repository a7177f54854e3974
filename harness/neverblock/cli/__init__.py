"""The command line: the only place that prints, exits and wires the parts together."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from neverblock.cli import (
    capacity,
    check,
    compare,
    explain,
    gate,
    init,
    load,
    reference,
    report,
    schema,
    serve,
    worker,
)
from neverblock.cli.commands_stopped import commands_stopped
from neverblock.cli.edge import exit_code_of, open_closed_outputs, print_out
from neverblock.cli.options import EPILOG
from neverblock.cli.terminal import is_plain, plain_help
from neverblock.observe.machine import installed

app = typer.Typer(
    name="neverblock",
    help="Proves by measurement whether endpoints keep the event loop free, and names the line "
    "that blocks it.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "check": check.check,
    "load": load.load,
    "worker": worker.worker,
    "capacity": capacity.capacity,
    "run": reference.run_reference,
    "list": reference.list_pairs,
    "report": report.report,
    "init": init.init,
    "explain": explain.explain,
    "serve": serve.serve,
    "schema": schema.schema,
    "gate": gate.gate,
    "compare": compare.compare_runs,
}

HANDING_ON = {"load": {"allow_extra_args": True, "ignore_unknown_options": True}}
"""Commands whose further options are somebody else's."""

for _name, _command in COMMANDS.items():
    app.command(_name, epilog=EPILOG, context_settings=HANDING_ON.get(_name))(_command)


def _version(asked: bool) -> None:
    """Print the version and exit, where it is asked for."""
    if asked:
        print_out(f"neverblock {installed('neverblock') or 'unknown'}\n")
        raise typer.Exit


@app.callback()
def common(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and exit.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit, whatever comes; see ``edge``."""
    open_closed_outputs()
    if is_plain():
        plain_help()
    with commands_stopped(os.environ):
        code = exit_code_of(lambda: app(arguments, standalone_mode=False))
    sys.exit(code)
