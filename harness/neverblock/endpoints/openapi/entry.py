"""The lines of configuration that make an endpoint checkable. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import tomlkit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tomlkit.items import Table

KEYS = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}
"""What a parameter's place is called in the configuration."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something a request needs and nothing gives: a parameter, or a body of a media type."""

    place: str
    name: str

    def __str__(self) -> str:
        """Name it as a person would."""
        if self.place == "body":
            return f"a body of {self.name}"
        return f"{{{self.name}}}" if self.place == "path" else f"the {self.place} {self.name!r}"


def entry(name: str, missing: Sequence[Missing]) -> Table:
    """Give the table of one endpoint, with a plain value at each place that needs one."""
    table = tomlkit.table()
    table["name"] = name
    for place, key in KEYS.items():
        values = tomlkit.inline_table()
        for one in missing:
            if one.place == place:
                values[one.name] = 1 if place in {"path", "query"} else "1"
        if values:
            table[key] = values
    for one in missing:
        if one.place == "body":
            table |= _body(one.name)
    return table


def entry_text(name: str, missing: Sequence[Missing]) -> str:
    """Give the lines of one endpoint's table, ready to be copied."""
    return f"[[tool.neverblock.endpoint]]\n{entry(name, missing).as_string()}".rstrip()


def _body(media_type: str) -> dict[str, object]:
    """Give the keys of a body of one media type."""
    value = tomlkit.inline_table()
    if media_type == "application/x-www-form-urlencoded":
        return {"form": value}
    if media_type == "multipart/form-data":
        value["file"] = "body.bin"
        return {"files": value}
    if media_type.endswith("json"):
        return {"json": value}
    return {"file": "body.bin", "content-type": media_type}
