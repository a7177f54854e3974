"""An OpenAPI document as a tree whose references are followed, whatever else it holds."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

Node = dict[str, Any]

_DATA = frozenset({"example", "examples", "default", "enum", "const"})
"""What holds values and no schemas."""


def mapping(node: Any) -> Node:
    """Give a node if it is a mapping with text for keys, else an empty one."""
    return node if isinstance(node, dict) and all(isinstance(k, str) for k in node) else {}


def sequence(node: Any) -> list[Any]:
    """Give a node if it is a list, else an empty one."""
    return node if isinstance(node, list) else []


def follow(document: Node, node: Any) -> Node | None:
    """Give a node with its references followed; the keys beside a reference override its target's.

    None where a reference leads out of the document, nowhere, or in a circle.
    """
    here = mapping(node)
    followed: set[str] = set()
    while isinstance(reference := here.get("$ref"), str):
        target = None if reference in followed else _lookup(document, reference)
        if not isinstance(target, dict):
            return None
        followed.add(reference)
        here = {**mapping(target), **{k: v for k, v in here.items() if k != "$ref"}}
    return here


def _lookup(document: Node, reference: str) -> Any:
    """Give what a reference within the document points at, or None."""
    from referencing import Registry, Specification  # noqa: PLC0415 - slow to load
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - as above

    registry: Registry[Any] = Registry().with_resource(
        "", Specification.OPAQUE.create_resource(document)
    )
    with suppress(Unresolvable, TypeError, ValueError):  # or it leads into a value
        return registry.resolver().lookup(reference).contents
    return None


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
