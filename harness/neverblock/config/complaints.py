"""What is wrong in the configuration, said with key, value and what is allowed. Pure."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from neverblock.config.table import (
    AllowTable,
    CapacityTable,
    EndpointTable,
    Table,
    ThresholdTable,
)
from neverblock.errors import nearest, unprefixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

_TABLES: dict[str, type[BaseModel]] = {
    "allow": AllowTable,
    "endpoint": EndpointTable,
    "threshold": ThresholdTable,
    "capacity": CapacityTable,
}


def keys_of(model: type[BaseModel]) -> list[str]:
    """Name the keys of a table as they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


def complaint_of(
    error: ErrorDetails, model: type[BaseModel] = Table, *, with_values: bool = True
) -> str:
    """Say in one line what is wrong with a table; ``with_values=False`` keeps secrets out of it."""
    place = error["loc"]
    key = _written(place)
    match error["type"]:
        case "extra_forbidden":
            return _unknown(place, model)
        case "missing":
            table = _written(place[:-1])
            return f"{table} lacks the key '{place[-1]}'"
        case "value_error":
            what = str(error["ctx"]["error"])
        case "string_pattern_mismatch":
            what = f"should look like {_pattern(place)}"
        case "model_type" | "dict_type":
            what = "should be a table"
        case "list_type" if key in _TABLES:
            what = f"should be written as [[tool.neverblock.{key}]]"
        case "string_too_short":
            what = "should not be empty"
        case _:
            what = unprefixed(error["msg"]).removeprefix("Input ")
    value = _shown(error["input"]) if with_values else ""
    return f"{key}{value}: {what}" if key else what


def _pattern(place: Sequence[int | str]) -> str:
    if "raise" in place:
        return "NAME=VALUE"
    return "/path" if place[-1] == "canary" else "package.module:name"


def _unknown(place: Sequence[int | str], model: type[BaseModel]) -> str:
    """Name an unknown key, and the nearest that there is."""
    keys = keys_of(_TABLES.get(str(place[0]), model) if len(place) > 1 else model)
    name = str(place[-1])
    near = nearest(name.replace("_", "-"), keys)
    where = f" in {_written(place[:-1])}" if place[:-1] else ""
    hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(keys)}"
    return f"unknown key '{name}'{where}; {hint}"


def _written(place: Sequence[int | str]) -> str:
    """Write a place as ``endpoint[1].loop-limit``; entries are counted from 1."""
    text = ""
    for step in place:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _shown(value: Any) -> str:
    """Show a value as it stands in the file, unless it is a table or long."""
    if isinstance(value, dict | list | BaseModel):
        return ""
    return f" = {value}" if isinstance(value, date | time) else f" = {value!r:.60}"
