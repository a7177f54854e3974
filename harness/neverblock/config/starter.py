"""The first ``[tool.neverblock]`` table of a project. Pure."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import tomlkit

from neverblock.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.config.app_finder import FoundApp

_ENTRIES = (
    "Nothing gives these endpoints the values they need, so they are not checked yet.",
    "Put real ones in, and take the # away.",
)


def first_table(app: FoundApp, entries: Sequence[str] = (), python: str | None = None) -> str:
    """Give the table of an app as TOML, and below it, as comments, entries of endpoints."""
    table = tomlkit.table()
    table["app"] = app.app
    if app.factory:
        table["factory"] = True
    if app.app_dir:
        table["app-dir"] = app.app_dir
    if python is not None:
        table["python"] = python
    if entries:
        table.add(tomlkit.nl())
    for line in _ENTRIES if entries else ():
        table.add(tomlkit.comment(line))
    for entry in entries:
        for line in entry.splitlines():
            table.add(tomlkit.comment(line))
    document = tomlkit.document()
    document["tool"] = tomlkit.table(is_super_table=True)
    document["tool"]["neverblock"] = table
    return tomlkit.dumps(document)


def with_table(text: str, table: str, file: str) -> str:
    """Give the text of a pyproject.toml with a table at its end; nothing else in it changes.

    ``file`` is its name, for errors. Raises UsageError where the table is there already, or where
    the text is not TOML.
    """
    try:
        tool = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"'{file}' is not TOML: {error}.", "Fix the file first.") from error
    if isinstance(tool, dict) and "neverblock" in tool:
        raise UsageError(
            f"'{file}' has a [tool.neverblock] table already.",
            "Change it by hand, or take it out and call init again; `neverblock check` uses it.",
        )
    newline = "\r\n" if "\r\n" in text else "\n"
    kept = text.rstrip()
    new = (f"{kept}\n\n" if kept else "").replace("\r\n", "\n") + table
    try:
        tomllib.loads(new)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"'{file}' takes no [tool.neverblock] table: {error}.",
            "Write its `tool` as tables, [tool.name], and call init again.",
        ) from error
    return new.replace("\n", newline)
