"""The lines of configuration that make an endpoint checkable. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tomlkit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from tomlkit.items import InlineTable, Item, Table

    Named = TypeVar("Named", bound=Item)

KEYS = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}
"""What a parameter's place is called in the configuration."""

FILE = "body.bin"
"""What a file of a request is called until somebody has one."""

CREDENTIALS = "Bearer ${API_TOKEN}"
"""A login as the configuration takes it, the secret from the environment."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something a request needs and nobody gave: a parameter, or a body of a media type.

    ``fields`` and ``files`` name what a form has to hold, and the fields that a JSON object has to;
    ``example`` is a JSON body that was made up, as text.
    """

    place: str
    name: str
    fields: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    example: str = ""

    def __str__(self) -> str:
        """Name it as a person would."""
        if self.place == "body":
            return f"a body of {self.name}"
        return f"{{{self.name}}}" if self.place == "path" else f"the {self.place} {self.name!r}"


def entry(name: str, missing: Sequence[Missing], value: str | None = None) -> Table:
    """Give the table of one endpoint, with this or a plain value at each place that needs one."""
    table = tomlkit.table()
    table["name"] = name
    for place, key in KEYS.items():
        values = tomlkit.inline_table()
        for one in missing:
            if one.place == place:
                plain = 1 if place in {"path", "query"} else "1"
                values[one.name] = plain if value is None else value
        if values:
            table[key] = values
    for one in missing:
        if one.place == "body":
            table |= _body(one)
    return table


def entry_text(name: str, missing: Sequence[Missing], value: str | None = None) -> str:
    """Give the lines that fill what one endpoint lacks, ready to be copied.

    A header goes into the project's own table, since most are wanted by many endpoints.
    """
    headers = [one.name for one in missing if one.place == "header"]
    others = [one for one in missing if one.place != "header"]
    parts = []
    if others or not headers or not name.startswith("GET "):
        parts.append(f"[[tool.neverblock.endpoint]]\n{entry(name, others, value).as_string()}")
    if headers:
        parts.append(headers_text(headers, value))
    return "\n".join(part.rstrip() for part in parts)


def headers_text(names: Sequence[str], value: str | None = None) -> str:
    """Give the lines that send headers with every request."""
    table = tomlkit.table()
    for name in map(str.lower, names):
        plain = CREDENTIALS if name == "authorization" else "1"
        table[name] = plain if value is None else value
    return f"[tool.neverblock.headers]\n{table.as_string()}".rstrip()


def _body(body: Missing) -> dict[str, object]:
    """Give the keys of a body of one media type."""
    media_type = body.name
    if media_type == "application/x-www-form-urlencoded":
        return {"form": _inline(body.fields, "1")}
    if media_type == "multipart/form-data":
        form = {"form": _inline(body.fields, "1")} if body.fields else {}
        return {**form, "files": _to_make(_inline(body.files or ("file",), FILE))}
    if media_type.endswith("json"):
        if body.example:
            return {"json": _written(json.loads(body.example))}
        return {"json": _inline(body.fields, "...")}
    return {"file": _to_make(tomlkit.string(FILE)), "content-type": media_type}


def _to_make(item: Named) -> Named:
    """Say beside a value that the file which it names is to be made."""
    item.comment(f"make {FILE} first, beside this file")
    return item


def _written(value: Any) -> Any:
    """Give a JSON value as TOML has it on one line, without what is null."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for name, each in value.items():
            if each is not None:
                table[name] = _written(each)
        return table
    if isinstance(value, list):
        return [_written(each) for each in value if each is not None]
    return value


def _inline(names: Sequence[str], value: str) -> InlineTable:
    table = tomlkit.inline_table()
    for name in names:
        table[name] = value
    return table
