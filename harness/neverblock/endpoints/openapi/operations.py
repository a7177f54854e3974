"""The operations that an OpenAPI document describes, whatever its version and its gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neverblock.config.http_names import TOKEN
from neverblock.endpoints.openapi.examples import authored
from neverblock.endpoints.openapi.references import Node, follow, mapping, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("get", "post", "put", "patch", "delete", "query")
"""In the order they are listed; HEAD, OPTIONS and TRACE do no work of the application's."""

STREAMS = ("text/event-stream", "multipart/x-mixed-replace")
"""Answers that have no end."""

_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_NO_PARAMETERS = frozenset({"accept", "content-type", "authorization"})
"""Headers that OpenAPI says are none of the parameters' business; where an app requires the last of
them all the same, as FastAPI writes a header that a function takes, it is one."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, its place (path, query, header, cookie) and how it is written.

    ``examples`` are those beside the schema. ``as_json`` where the value is a JSON text.
    """

    name: str
    place: str
    required: bool
    schema: Any
    style: str
    explode: bool
    examples: tuple[Any, ...] = ()
    as_json: bool = False
    allow_reserved: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path: its parameters, and its bodies by media type."""

    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[tuple[str, Node], ...] = ()
    body_required: bool = False
    streams: bool = False

    @property
    def name(self) -> str:
        """Method and path, as results have it."""
        return f"{self.method} {self.path}"


def operations(document: Node) -> Iterator[Operation]:
    """Give every operation of a document, in the document's order of paths."""
    for path, node in mapping(document.get("paths")).items():
        item = follow(document, node) or {}
        for method in METHODS:
            if isinstance(item.get(method), dict) and path.startswith("/"):
                yield _operation(document, path, method.upper(), item, mapping(item[method]))


def statuses_of(document: Node, path: str, method: str) -> frozenset[int]:
    """Give the statuses that a document names for one operation; empty where it names none."""
    item = follow(document, mapping(document.get("paths")).get(path)) or {}
    responses = mapping(mapping(item.get(method.lower())).get("responses"))
    return frozenset(status for key in responses for status in _statuses(key))


def _operation(document: Node, path: str, method: str, item: Node, node: Node) -> Operation:
    parameters = {}
    for one in (*sequence(item.get("parameters")), *sequence(node.get("parameters"))):
        if (parameter := _parameter(document, follow(document, one) or {})) is not None:
            parameters[parameter.name, parameter.place] = parameter
    body = follow(document, node.get("requestBody")) or {}
    responses = mapping(node.get("responses"))
    answers = [mapping(follow(document, one)) for one in responses.values()]
    return Operation(
        method=method,
        path=path,
        parameters=tuple(parameters.values()),
        bodies=tuple((kind, mapping(one)) for kind, one in mapping(body.get("content")).items()),
        body_required=body.get("required") is True,
        streams=any(
            kind.partition(";")[0].strip().lower() in STREAMS
            for answer in answers
            for kind in (*mapping(answer.get("content")), *_produced(node))
        ),
    )


def _is_ignored(name: str, node: Node) -> bool:
    """Say whether a header is none of a request's parameters, whatever the document says of it."""
    wanted = name.lower() == "authorization" and node.get("required") is True
    return name.lower() in _NO_PARAMETERS and not wanted


def _parameter(document: Node, node: Node) -> Parameter | None:
    """Read one parameter, as OpenAPI 3 or Swagger 2 writes it; None for what is none."""
    name, place = node.get("name"), node.get("in")
    if not isinstance(name, str) or not isinstance(place, str) or place not in _STYLES:
        return None
    if place == "header" and (_is_ignored(name, node) or not TOKEN.fullmatch(name)):
        return None
    media = mapping(next(iter(mapping(node.get("content")).values()), None))
    style = node.get("style")
    style = style if isinstance(style, str) else _STYLES[place]
    explode = node.get("explode")
    if "collectionFormat" in node:  # Swagger 2
        explode = node["collectionFormat"] == "multi"
    plain = {k: v for k, v in node.items() if k not in {"required", "name", "in"}}
    return Parameter(
        name=name,
        place=place,
        required=node.get("required") is True or place == "path",
        schema=node.get("schema", media.get("schema", plain if "type" in plain else {})),
        style=style,
        explode=explode if isinstance(explode, bool) else style == "form",
        examples=(*beside_schema(document, node), *beside_schema(document, media)),
        as_json=bool(media),
        allow_reserved=node.get("allowReserved") is True,
    )


def beside_schema(document: Node, node: Node) -> tuple[Any, ...]:
    """Give the examples that a parameter or media type has beside its schema."""
    own = {key: value for key, value in node.items() if key in {"example", "examples"}}
    return tuple(authored(document, own))


def _produced(node: Node) -> list[str]:
    """Name the media types of Swagger 2's answers."""
    return [kind for kind in sequence(node.get("produces")) if isinstance(kind, str)]


def _statuses(key: str) -> tuple[int, ...]:
    """Read ``200``, or all of ``2XX``."""
    if key.isdecimal() and len(key) == 3:  # noqa: PLR2004 - HTTP's statuses have three digits
        return (int(key),)
    if len(key) == 3 and key[0] in "12345" and key[1:].upper() == "XX":  # noqa: PLR2004 - as above
        return tuple(range(int(key[0]) * 100, int(key[0]) * 100 + 100))
    return ()
