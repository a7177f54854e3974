"""``neverblock init``: finds the app and writes a first configuration."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from neverblock.cli.interpreter import tell_interpreter
from neverblock.cli.terminal import console
from neverblock.config import FILE, Config
from neverblock.config.app_finder import FoundApp, apps_in
from neverblock.config.starter import Entries, first_table, with_table
from neverblock.endpoints.find import find
from neverblock.errors import NeverblockError, StoreError, UsageError
from neverblock.plan import Target
from neverblock.target.interpreter import find_interpreter
from neverblock.target.probed import probed_server
from neverblock.target.scratch import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.plan import Interpreter

PASSED_OVER = frozenset(
    {"__pycache__", "build", "dist", "docs", "node_modules", "site-packages", "tests", "venv"}
)
"""Folders that hold no app of the project's own; neither do those whose names begin with a dot."""

MOST_FILES = 2000


@dataclass(frozen=True, slots=True)
class Start:
    """What ``init`` begins with: the file to write, its text so far, and the app."""

    file: Path
    text: str
    app: FoundApp
    others: tuple[FoundApp, ...] = ()


def init(
    target: Annotated[
        str | None, typer.Argument(help="package.module:app; looked for in this folder by default.")
    ] = None,
    *,
    factory: Annotated[
        bool, typer.Option("--factory", help="TARGET is a callable that makes the app.")
    ] = False,
    python: Annotated[
        str | None,
        typer.Option("--python", metavar="PATH", help="The app's Python, as `check` takes it."),
    ] = None,
) -> None:
    """Write a first [tool.neverblock] into pyproject.toml, from the app in this folder.

    Serves the app once to ask which endpoints it has. Limits with their defaults, a login, and the
    endpoints that lack values or change data are written as comments: take the # away. A table that
    is there already is left alone.

    - `neverblock init`
    - `neverblock init shop.main:create_app --factory`
    """
    start = begin(Path(), target, factory=factory)
    if target is None:
        console(stderr=True).print(escape(taken(start)), highlight=False, soft_wrap=True)
    found = find_interpreter(Path(start.app.app_dir), os.environ, option=python)
    tell_interpreter(found)
    try:
        entries = asyncio.run(entries_of(start.app, found))
    except NeverblockError as error:
        entries = Entries()
        console(stderr=True).print(
            f"[yellow]No endpoint is filled in:[/] {escape(str(error))}", highlight=False
        )
    finish(start, entries, python)


async def entries_of(app: FoundApp, python: Interpreter | None = None) -> Entries:
    """Serve an app and give the lines of configuration that its endpoints ask for.

    ``python`` serves it, None for our own. Raises NeverblockError where it does not start, or shows
    no document.
    """
    target = Target(app.app, Path(app.app_dir), factory=app.factory, python=python)
    with scratch_folder() as folder:
        async with probed_server(target, app.app, folder / "init", {}) as server:
            asked = await find(server.base_url, Config(), target, probed=True)
    return Entries(asked.entries, asked.replaceable, asked.unsafe)


def begin(folder: Path, named: str | None = None, *, factory: bool = False) -> Start:
    """Find the app of a folder, or take the one that is named.

    Raises UsageError where the table is there already, and where there is no app.
    """
    file = folder / FILE
    text = _read(file)
    with_table(text, "", str(file))
    if named is not None:
        return Start(file, text, FoundApp(named, factory=factory))
    apps = apps_in(dict(_sources(folder)))
    if not apps:
        raise UsageError(
            f"No file in '{folder}' makes an ASGI app at its top level.",
            "Name it: neverblock init package.module:app",
        )
    return Start(file, text, apps[0], apps[1:])


def taken(start: Start) -> str:
    """Say which app was taken, and which others there are, each with its routes."""
    found = f"Took {_counted(start.app)}"
    if not start.others:
        return f"{found}."
    more = "; it has the most routes" * (start.app.routes > start.others[0].routes)
    others = ", ".join(map(_counted, start.others))
    return f"{found}{more}. Found as well: {others}. For another: neverblock init NAME"


def _counted(app: FoundApp) -> str:
    said = f"{app.routes} route{'s' * (app.routes != 1)}"
    return f"{app.app} ({said})" if app.routes else app.app


def finish(start: Start, entries: Entries | None = None, python: str | None = None) -> None:
    """Write the table and show it; ``entries`` are the lines of its endpoints.

    ``python`` is written down where it was named.

    Raises StoreError where the file cannot be written.
    """
    table = first_table(start.app, entries, python)
    text = with_table(start.text, table, str(start.file))
    try:
        start.file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise StoreError(
            f"'{start.file}' cannot be written: {error.strerror}.",
            "Make it writable, or start neverblock as who may write it.",
        ) from error
    terminal = console()
    terminal.print(f"Written to {escape(str(start.file))}:\n", highlight=False)
    terminal.print(table, markup=False, highlight=False, soft_wrap=True)
    terminal.print("Next: neverblock check", highlight=False)


def _read(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return opened.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"'{file}' cannot be read: {error}.", "Fix the file first.") from error


def _sources(folder: Path) -> Iterator[tuple[str, str]]:
    """Give the Python files of a folder with their texts, by their paths in it; not endlessly."""
    return islice(_walk(folder), MOST_FILES)


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(n for n in folders if n not in PASSED_OVER and not n.startswith("."))
        for name in sorted(one for one in files if one.endswith(".py")):
            path = Path(where, name)
            with suppress(OSError):
                text = path.read_text(encoding="utf-8", errors="replace")
                yield path.relative_to(folder).as_posix(), text
