"""The line that says which Python was taken, and why that one."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from rich.markup import escape

from neverblock.cli.terminal import console

if TYPE_CHECKING:
    from neverblock.plan import Interpreter


def tell_interpreter(python: Interpreter, use: str | None = None) -> None:
    """Print the line to standard error; ``use`` as in ``line_of``."""
    console(stderr=True).print(escape(line_of(python, use)), highlight=False, soft_wrap=True)


def line_of(python: Interpreter, use: str | None = None) -> str:
    """Say which Python was taken, why, and for what: None is to serve by uvicorn, and whose."""
    gil = ", without a GIL," if python.free_threaded else ""
    return f"Python {python.version}{gil} of {python.place}; {use or uvicorn_of(python)}."


def uvicorn_of(python: Interpreter) -> str:
    """Say which uvicorn serves the app, and where that is installed."""
    if own := python.packages.get("uvicorn"):
        return f"the app is served by the uvicorn {own} that is installed there"
    return f"no uvicorn is installed there, so neverblock's {version('uvicorn')} serves the app"
