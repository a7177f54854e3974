"""What an app serves and its OpenAPI document does not describe, as the probe saw it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.endpoints.openapi.entry import Missing, entry_text
from neverblock.endpoints.openapi.filling import placeholders
from neverblock.endpoints.openapi.references import mapping, sequence
from neverblock.result import Unchecked

if TYPE_CHECKING:
    from collections.abc import Collection

    from neverblock.endpoints.openapi.references import Node

EXTENSION = "x-neverblock"
"""Where the probe lists the routes, mounts and websockets that the document does not describe."""


STATIC = "static files, which no code of the app's own serves"


def undescribed(tree: Node, known: Collection[str], own_paths: str) -> list[Unchecked]:
    """List what the document leaves out, each with the lines of configuration that would check it.

    ``known`` are the names of endpoints that are in the document or the configuration. Paths that
    begin with ``own_paths`` are the probe's.
    """
    seen = mapping(tree.get(EXTENSION))
    routes = (name.partition(" ") for name in hidden_of(tree))
    left = [
        Unchecked(method, path, f"not in the OpenAPI document; add\n{_entry(f'{method} {path}')}")
        for method, _, path in routes
        if f"{method} {path}" not in known and not path.startswith(own_paths)
    ]
    left += [
        Unchecked(
            "GET",
            path,
            f"a mounted app without an OpenAPI document; add\n{_entry(f'GET {path}')}",
        )
        for path in map(str, sequence(seen.get("mounts")))
        if not any(_is_beneath(name, path) for name in known)
    ]
    left += [Unchecked("GET", str(path), STATIC) for path in sequence(seen.get("static"))]
    left += [
        Unchecked("WEBSOCKET", str(path), "a websocket has no answer to wait for")
        for path in sequence(seen.get("websockets"))
    ]
    return left


def hidden_of(tree: Node) -> dict[str, None]:
    """Give the names of routes that the document does not describe, in their order, each once."""
    return dict.fromkeys(map(str, sequence(mapping(tree.get(EXTENSION)).get("routes"))))


def mounts_of(tree: Node) -> frozenset[str]:
    """Give the paths at which an app without a document is mounted.

    Such an app answers at its path with a slash; without one, its parent only redirects there.
    """
    return frozenset(map(str, sequence(mapping(tree.get(EXTENSION)).get("mounts")))) - {"/"}


def _entry(name: str) -> str:
    return entry_text(name, tuple(Missing("path", one) for one in placeholders(name)))


def _is_beneath(name: str, mount: str) -> bool:
    path = name.partition(" ")[2]
    return path == mount or (mount != "/" and path.startswith(f"{mount}/"))
