"""The JSON Schema of a saved run, derived from the dataclasses.

``python -m neverblock.storage.schema`` writes it anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from neverblock.analysis.codes import CODES
from neverblock.result import READABLE_VERSIONS, Run
from neverblock.storage.run_file import TOOL, codec

SCHEMA_FILE = Path(__file__).with_name("run.schema.json")
"""The published copy, which a test keeps in step with the dataclasses."""


def run_schema() -> dict[str, Any]:
    """Give the schema (draft 2020-12) of what ``run_file.to_json`` gives.

    Every object is closed and writes every field, so that a reader need not guess at defaults.
    """
    schema = codec(Run).json_schema(mode="serialization", ref_template="#/$defs/{model}")
    definitions = schema.pop("$defs")
    run = schema["properties"]
    del run["tool_version"]
    run["format_version"] = {
        "enum": list(READABLE_VERSIONS),
        "description": "Of the neverblock that measured; an older run is written as a new one is.",
    }
    run["tool"] = {
        "type": "object",
        "description": "What wrote the run.",
        "properties": {"name": {"const": TOOL}, "version": {"type": "string"}},
    }
    result = definitions["Result"]["properties"]
    del result["judgement"]
    result.update(definitions.pop("Judgement")["properties"])
    result["code"] = {
        "enum": [*(code.code for code in CODES), None],
        "description": "Of the diagnosis; null where there is no finding.",
    }
    frames = definitions["Stack"]["properties"]["frames"]
    definitions["LoopFigures"]["properties"]["frames"] = frames.copy()
    frames["items"] = {"type": "integer", "minimum": 0, "description": "Of the loop's frames."}
    for each in (schema, run["tool"], *definitions.values()):
        _close(each)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "A run of neverblock",
        "$defs": definitions,
    }


def _close(definition: dict[str, Any]) -> None:
    """Require every property of an object and allow no other; drop the titles that repeat names."""
    definition.pop("title", None)
    if properties := definition.get("properties"):
        definition["required"] = sorted(properties)
        definition["additionalProperties"] = False
        for each in properties.values():
            each.pop("title", None)
            each.pop("default", None)


def main() -> None:
    """Write the published copy anew."""
    SCHEMA_FILE.write_text(json.dumps(run_schema(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
