"""The command line: the only place that prints, exits and wires the parts together."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from neverblock.cli.commands_stopped import commands_stopped
from neverblock.cli.edge import exit_code_of, open_closed_outputs, print_out
from neverblock.cli.options import EPILOG
from neverblock.cli.terminal import is_plain, plain_help

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

COMMANDS = {
    "check": "check:check",
    "load": "load:load",
    "worker": "worker:worker",
    "capacity": "capacity:capacity",
    "run": "reference:run_reference",
    "list": "reference:list_pairs",
    "report": "report:report",
    "init": "init:init",
    "explain": "explain:explain",
    "serve": "serve:serve",
    "schema": "schema:schema",
    "gate": "gate:gate",
    "compare": "compare:compare_runs",
}
"""Every command: the module here and the function in it, loaded only when it is asked for."""

HANDING_ON = {"load": {"allow_extra_args": True, "ignore_unknown_options": True}}
"""Commands whose further options are somebody else's."""


def command(name: str) -> Callable[..., None]:
    """Load the function of a command."""
    module, _, function = COMMANDS[name].partition(":")
    found: Callable[..., None] = getattr(import_module(f"{__name__}.{module}"), function)
    return found


def command_line(names: Iterable[str]) -> typer.Typer:
    """Make the command line with these commands."""
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
    app.callback()(common)
    for name in names:
        handing_on = HANDING_ON.get(name)
        app.command(name, epilog=EPILOG, context_settings=handing_on)(command(name))
    return app


def _version(asked: bool) -> None:
    """Print the version and exit, where it is asked for."""
    if asked:
        from neverblock.observe.machine import installed  # noqa: PLC0415 - slow to load

        print_out(f"neverblock {installed('neverblock') or 'unknown'}\n")
        raise typer.Exit


def common(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and exit.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit, whatever comes; see ``edge``.

    Where a command stands first, no other is loaded: all of them take half a second.
    """
    given = sys.argv[1:] if arguments is None else arguments
    asked = set(given[:1]) & set(COMMANDS) or COMMANDS
    open_closed_outputs()
    if is_plain():
        plain_help()
    with commands_stopped(os.environ):
        code = exit_code_of(lambda: command_line(asked)(given, standalone_mode=False))
    sys.exit(code)
