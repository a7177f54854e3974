"""The first ``[tool.neverblock]`` table of a project: the app, and what else there is to set. Pure.

What may be set is a comment, with the value that counts where nothing is written or an example. A
line that begins with ``#`` and no blank is a setting, so that taking the mark away is enough.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import tomlkit

from neverblock.config.schema import SECTIONS, meanings
from neverblock.config.table import Table
from neverblock.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neverblock.config.app_finder import FoundApp

LIMITS = ("n", "loop_limit", "deadline", "document_limit")
"""The settings that are shown with their defaults."""

EXAMPLES = {"exclude": '["GET /export/*"]', "coverage": "80"}
"""Settings without a default, as they may be written."""

MOST_UNSAFE = 10
"""An app of hundreds of endpoints would have a file that nobody reads."""

PROJECT = SECTIONS[Table.__name__]
HEADERS = "[tool.neverblock.headers]"
LOGIN = 'authorization = "Bearer ${API_TOKEN}"'
HOW_TO_READ = (
    "A line that begins with # and no blank is a setting: take the # away to use it.",
    "All keys, with examples: neverblock explain config",
)


@dataclass(frozen=True, slots=True)
class Entries:
    """The lines of configuration of endpoints: what lacks values, and what may be written.

    For ``replaceable`` values are made up; what is ``unsafe`` is asked only if it is named.
    """

    needed: tuple[str, ...] = ()
    replaceable: tuple[str, ...] = ()
    unsafe: tuple[str, ...] = ()


def first_table(app: FoundApp, entries: Entries | None = None, python: str | None = None) -> str:
    """Give the table of an app as TOML: the app, then as comments limits, a login, endpoints."""
    entries = entries or Entries()
    table = tomlkit.table()
    table["app"] = app.app
    if app.factory:
        table["factory"] = True
    if app.app_dir:
        table["app-dir"] = app.app_dir
    if python is not None:
        table["python"] = python
    document = tomlkit.document()
    document["tool"] = tomlkit.table(is_super_table=True)
    document["tool"]["neverblock"] = table
    sections = (HOW_TO_READ, _settings(), _login(entries.needed), *_endpoints(entries))
    return tomlkit.dumps(document) + "".join(
        "\n" + "".join(f"{line}\n" if line.startswith("#") else f"# {line}\n" for line in section)
        for section in map(tuple, sections)
        if section
    )


def _settings() -> Iterator[str]:
    """Yield the keys of the project's own table: any of them has to come before other tables."""
    meant = {key: said.partition(":")[0] for key, said in meanings(PROJECT).items()}
    yield "Limits, with their defaults."
    for name in LIMITS:
        key, default = name.replace("_", "-"), Table.model_fields[name].default
        written = str(default) if isinstance(default, int) else f'"{_time(default)}"'
        yield f"#{key} = {written}  # {meant[key]}"
    yield "What is asked, and how much of it has to be."
    for key, example in EXAMPLES.items():
        yield f"#{key} = {example}  # {meant[key]}"
    yield "A login, by a function of yours; or by headers, below."
    yield f'#setup = "package.module:log_in"  # {meant["setup"]}'


def _login(needed: Sequence[str]) -> Iterator[str]:
    """Yield the headers that are wanted, with a login among them."""
    wanted = next((entry for entry in needed if entry.startswith(HEADERS)), HEADERS)
    yield "Headers of every request; ${...} is from the environment, and written nowhere."
    yield from (f"#{line}" for line in wanted.splitlines())
    if "authorization" not in wanted:
        yield f"#{LOGIN}"


def _endpoints(entries: Entries) -> Iterator[Iterator[str]]:
    """Yield a section for each kind of endpoint that there is something to write for."""
    needed = [entry for entry in entries.needed if not entry.startswith(HEADERS)]
    if needed:
        said = "Nothing gives these endpoints the values they need: they are not checked without."
        yield _section(needed, said)
    if entries.replaceable:
        yield _section(
            entries.replaceable, "These are asked with made-up values: put real ones in."
        )
    if entries.unsafe:
        said = "These may change data: they are asked, some 40 times, only if they are named."
        left = len(entries.unsafe) - MOST_UNSAFE
        more = [f"{left} more are listed by `neverblock check`."] * (left > 0)
        yield chain(_section(entries.unsafe[:MOST_UNSAFE], said), more)


def _section(entries: Sequence[str], said: str) -> Iterator[str]:
    yield said
    yield from (f"#{line}" for entry in entries for line in entry.splitlines() if line)


def _time(seconds: float) -> str:
    return f"{seconds:g}s" if seconds >= 1 else f"{seconds * 1000:g}ms"


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
