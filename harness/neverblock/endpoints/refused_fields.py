"""Which fields of a request an app does not accept, as its answer says. Pure.

FastAPI and Django Ninja answer with ``{"detail": [{"loc": ["body", "title"], "msg": "..."}]}``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tomlkit

from neverblock.errors import unprefixed

if TYPE_CHECKING:
    from collections.abc import Sequence

KEYS = {
    "path": "path",
    "query": "query",
    "header": "headers",
    "cookie": "cookies",
    "body": "json",
}
"""What a place is called in the configuration; a body may be a form instead."""

REAL = "..."
"""What stands for a value that only the app's own people know."""


@dataclass(frozen=True, slots=True)
class RefusedField:
    """A field that was not accepted: in which part of the request, by which names, and why."""

    place: str
    names: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        """Give it as ``body.title: Field required``."""
        return f"{'.'.join((self.place, *self.names))}: {self.message}"


def refused_fields(text: str) -> tuple[RefusedField, ...]:
    """Give the fields that an answer names; none where it is not in that form."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    detail = said.get("detail") if isinstance(said, dict) else None
    found = [_field(one) for one in detail] if isinstance(detail, list) else []
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _field(one: Any) -> RefusedField | None:
    loc = one.get("loc") if isinstance(one, dict) else None
    if not isinstance(loc, list) or not loc or loc[0] not in KEYS:
        return None
    names: list[str] = []
    for step in loc[1:]:
        if not isinstance(step, str):
            break
        names.append(step)
    message = unprefixed(str(one.get("msg", "not accepted")))
    return RefusedField(str(loc[0]), tuple(names), message)


def lines_of_fields(
    name: str, fields: Sequence[RefusedField], *, form: bool, body: Any = None
) -> str:
    """Give the table of an endpoint with a place for each field; ``form`` where its body is one.

    What was accepted of a ``body`` that was made up, as JSON has it, stays beside them.
    """
    table = tomlkit.table()
    table["name"] = name
    for place, key in KEYS.items():
        of_place = [one for one in fields if one.place == place]
        if of_place:
            accepted = body if place == "body" and isinstance(body, dict) else {}
            table["form" if form and place == "body" else key] = _values(of_place, accepted)
    return f"[[tool.neverblock.endpoint]]\n{table.as_string()}".rstrip()


def _values(fields: Sequence[RefusedField], accepted: dict[str, Any]) -> Any:
    values: dict[str, Any] = _plain(accepted)
    for field in fields:
        inner = values
        for name in field.names[:-1]:
            if not isinstance(inner.get(name), dict):
                inner[name] = {}
            inner = inner[name]
        if field.names:
            inner[field.names[-1]] = REAL
    inline = tomlkit.inline_table()
    inline.update(values)
    return inline


def _plain(value: Any) -> Any:
    """Give a copy without nulls, of which TOML has none."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value if one is not None]
    return value
