"""An OpenAPI document as a tree whose references are followed, whatever else it holds."""

from __future__ import annotations

from typing import Any

Node = dict[str, Any]

_DEEPEST = 32
"""References that lead to references; a circle ends here."""

_DATA = frozenset({"example", "examples", "default", "enum", "const"})
"""What holds values and no schemas."""


def mapping(node: Any) -> Node:
    """Give a node if it is a mapping with text for keys, else an empty one."""
    return node if isinstance(node, dict) and all(isinstance(k, str) for k in node) else {}


def sequence(node: Any) -> list[Any]:
    """Give a node if it is a list, else an empty one."""
    return node if isinstance(node, list) else []


def follow(document: Node, node: Any) -> Node | None:
    """Give a node with its references followed and what stands beside them laid over.

    None where a reference leads nowhere or in a circle.
    """
    here = mapping(node)
    for _ in range(_DEEPEST):
        reference = here.get("$ref")
        if not isinstance(reference, str):
            return here
        found = _at(document, reference)
        if not isinstance(found, dict):
            return None
        here = {**mapping(found), **{k: v for k, v in here.items() if k != "$ref"}}
    return None


def _at(document: Node, reference: str) -> Any:
    """Give what a reference within the document points at, or None."""
    if not reference.startswith("#/"):
        return None
    here: Any = document
    for step in reference[2:].split("/"):
        here = mapping(here).get(step.replace("~1", "/").replace("~0", "~"))
    return here


def modern(node: Any) -> Any:
    """Give a part of an OpenAPI 3.0 document with its schemas as JSON Schema 2020-12 has them.

    What is modern already stays as it is.
    """
    if isinstance(node, list):
        return [modern(one) for one in node]
    if not isinstance(node, dict):
        return node
    new = {key: value if key in _DATA else modern(value) for key, value in node.items()}
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(new.get(exclusive), bool):
            strict = new.pop(exclusive)
            if strict and limit in new:
                new[exclusive] = new.pop(limit)
    if new.get("nullable") is True:
        del new["nullable"]
        return {"anyOf": [new, {"type": "null"}]}
    return new
