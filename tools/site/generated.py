"""The pages that say what the code says: its commands, the keys of its configuration, its codes."""

from __future__ import annotations

import inspect
import re
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo

from neverblock.analysis.codes import CODES, page
from neverblock.cli import COMMANDS
from neverblock.cli import command as command_of
from neverblock.config.schema import SECTIONS, config_schema, meanings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTE = "<!-- made from the code by tools/site -->\n\n"
KINDS = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
}

VALUES = {str: "TEXT", int: "N", float: "NUMBER", Path: "PATH"}

CODES_SAY = """\
Each finding has a code that stays the same: `neverblock explain NB101` prints its page. NB1 and NB2
fail, NB3 passes with a note, NB9 was not measured.
"""
COMMANDS_SAY = """\
As `neverblock COMMAND --help` says it. Exit codes: 0 all well, 1 a check failed, 2 usage or
environment, 3 could not measure, 130 interrupted.
"""
KEYS_SAY = """\
Every key of `[tool.neverblock]` in `pyproject.toml`, from the schema that `neverblock schema
config` prints. By task: [Your own app](your-app.md); with more to each, and examples:
[Configuration in detail](configuration.md).
"""


def pages() -> dict[str, str]:
    """Give each generated page by its file's name, in Markdown."""
    return {
        "commands.md": NOTE + commands(),
        "keys.md": NOTE + keys(),
        "codes.md": NOTE + codes(),
        **{f"codes/{code.code}.md": page(code) for code in CODES},
    }


def codes() -> str:
    """List the codes, each with its page."""
    lines = [
        "# Codes",
        "",
        CODES_SAY,
        "",
        "| code | name | |",
        "| --- | --- | --- |",
        *(f"| [{c.code}](codes/{c.code}.md) | {c.name} | {_cell(c.title)} |" for c in CODES),
        "",
        "```{toctree}",
        ":hidden:",
        "",
        *(f"codes/{code.code}" for code in CODES),
        "```",
    ]
    return "\n".join(lines) + "\n"


def commands() -> str:
    """Give every command with its help and its options."""
    parts = [
        "# Commands and options\n",
        COMMANDS_SAY,
    ]
    for name in COMMANDS:
        command = command_of(name)
        told = inspect.getdoc(command) or ""
        parts += [f"## neverblock {name}\n", f"{told}\n", *_options(command)]
    return "\n".join(parts)


def _options(command: Callable[..., None]) -> Iterator[str]:
    """Yield a command's arguments and options, a table for each panel of its help."""
    panels: dict[str, list[str]] = {}
    hints = get_type_hints(command, include_extras=True)
    for name, parameter in inspect.signature(command).parameters.items():
        if get_origin(hints[name]) is not Annotated:
            continue  # what Typer gives by itself
        kind, info = get_args(hints[name])
        if info.hidden:
            continue
        argument = isinstance(info, ArgumentInfo)
        taken = "" if argument else info.metavar or _value(kind)
        label = f"{name.upper() if argument else _names(name, info)} {taken}".strip()
        panel = "Arguments" if argument else info.rich_help_panel or "Options"
        told = f"{_cell(info.help or '')}{_default_of(parameter.default, info.help or '')}"
        panels.setdefault(panel, []).append(f"| {_code(label)} | {told} |")
    for panel, rows in panels.items():
        yield f"| {panel} | |\n| --- | --- |"
        yield from rows
        yield ""


def _names(name: str, info: Any) -> str:
    """Give what an option is called; Typer keeps the first of its names as its default."""
    names = [each for each in (info.default, *(info.param_decls or ())) if isinstance(each, str)]
    return ", ".join(names) or f"--{name.replace('_', '-')}"


def _default_of(default: object, told: str) -> str:
    """Say what an option is by default, where it has one and its help does not say so."""
    value = str(getattr(default, "value", default))
    if default in (None, False, inspect.Parameter.empty) or "[default" in told:
        return ""
    return f" [default: {value}]"


def _value(kind: Any) -> str:
    """Say what an option takes; "" for one that is there or not."""
    for one in get_args(kind) or (kind,):
        if isinstance(one, type) and issubclass(one, Enum):
            return "|".join(str(each.value) for each in one)
        if one in VALUES:
            return VALUES[one]
        if get_args(one):
            return _value(one)
    return ""


def keys() -> str:
    """Give every key of the configuration as the schema has it."""
    schema = config_schema()
    definitions = schema["definitions"]
    parts = [
        "# Configuration\n",
        KEYS_SAY,
    ]
    for name, title in SECTIONS.items():
        table = definitions.get(name, schema)
        required = table.get("required", ())
        parts.append(f"## {'`[tool.neverblock]`' if table is schema else title}\n")
        parts.append("| key | |\n| --- | --- |")
        for key in meanings(title):
            value = table["properties"][key]
            said = "required" if key in required else _default(value)
            kind = "; ".join(filter(None, (_kind(value), said)))
            parts.append(f"| `{key}` | {_cell(value['description'])} *{_cell(kind)}* |")
        parts.append("")
    return "\n".join(parts)


def _default(value: dict[str, Any]) -> str:
    """Say what a key is by default; "" where the file's silence is no value."""
    default = value.get("default")
    if default is None:
        return ""
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return f"default {_code(text)}"


def _kind(value: dict[str, Any]) -> str:
    """Say what a key may be, in words."""
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(_kind(one) for one in value["anyOf"]))
    if "enum" in value:
        return " or ".join(f"`{one}`" for one in value["enum"])
    if "$ref" in value:
        return "table"
    kind = value.get("type")
    if kind == "array":
        return "tables" if "$ref" in value.get("items", {}) else "several"
    if kind == "object":
        return "table"
    if {"minimum", "maximum"} <= value.keys():
        return f"{value['minimum']:g} to {value['maximum']:g}"
    return KINDS.get(str(kind), "any value")


def _cell(text: str) -> str:
    """Give a text for a cell of a table."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split())).replace("<", "&lt;")


def _code(text: str) -> str:
    return f"`{' '.join(text.split())}`".replace("|", r"\|") if text else ""
