"""The console of the commands: colours and moving lines only where somebody wants them."""

from __future__ import annotations

import os

from rich.console import Console


def console(*, stderr: bool = False) -> Console:
    """Give the console of standard output, or of standard error.

    It writes no escape sequence to a pipe or a dumb terminal, nor where NO_COLOR is set
    (https://no-color.org).
    """
    if is_plain():
        return Console(stderr=stderr, force_terminal=False, color_system=None)
    return Console(stderr=stderr)


def is_plain() -> bool:
    """Say whether the environment asks for plain text."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM", "") in {"dumb", "unknown"}


def plain_help() -> None:
    """Let the help and the errors of Typer, which has consoles of its own, obey as well."""
    from typer import rich_utils  # noqa: PLC0415 - slow to load, and only help and errors need it

    rich_utils.COLOR_SYSTEM = None
    rich_utils.FORCE_TERMINAL = False
