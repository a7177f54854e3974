"""The JSON Schema of ``[tool.neverblock]``, for editors, derived from what the file is read by.

Draft 7 and closed objects, as SchemaStore takes a part of ``pyproject.toml``. ``neverblock schema
config`` prints it; docs/partial-neverblock.json is the published copy.
"""

from __future__ import annotations

import re
from typing import Any

from neverblock.config.page import configuration_page
from neverblock.config.table import (
    AllowTable,
    CapacityTable,
    EndpointTable,
    Table,
    ThresholdTable,
)

DRAFT = "http://json-schema.org/draft-07/schema#"
ID = "https://json.schemastore.org/partial-neverblock.json"
SECTIONS = {
    Table.__name__: "The project",
    EndpointTable.__name__: "`[[tool.neverblock.endpoint]]`",
    AllowTable.__name__: "`[[tool.neverblock.allow]]`",
    ThresholdTable.__name__: "`[[tool.neverblock.threshold]]`",
    CapacityTable.__name__: "`[tool.neverblock.capacity]`",
}
"""The sections of the configuration's page that explain the keys of each table."""


def config_schema() -> dict[str, Any]:
    """Give the schema of the table, each key with its line of the configuration's page."""
    made = Table.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    definitions = made.pop("$defs")
    for name, table in {Table.__name__: made, **definitions}.items():
        explained = meanings(SECTIONS[name])
        table.pop("title", None)
        table["description"] = explained.pop("", table["description"])
        for key, value in table["properties"].items():
            table["properties"][key] = _key(value, explained[key])
    return {
        "$schema": DRAFT,
        "$id": ID,
        "title": "neverblock",
        **made,
        "definitions": definitions,
    }


def meanings(section: str) -> dict[str, str]:
    """Give what a section of the configuration's page says of each key."""
    text = configuration_page().split(f"## {section}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip().strip("`"): re.sub("`", "", row[-1].strip()) for row in rows}


def _key(value: dict[str, Any], meaning: str) -> dict[str, Any]:
    """Give the schema of one key as a file may hold it: TOML has no null."""
    choices = [one for one in value.get("anyOf", ()) if one != {"type": "null"}]
    kept = {k: v for k, v in value.items() if k not in {"anyOf", "title", "default"}}
    if len(choices) == 1:
        kept |= choices[0]
    elif choices:
        kept["anyOf"] = choices
    default = value.get("default")
    if default is not None and default not in ([], {}):
        kept["default"] = default
    return kept | {"description": f"{meaning[:1].upper()}{meaning[1:]}."}
