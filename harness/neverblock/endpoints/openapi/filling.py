"""From an operation and the values given for it to one request. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from neverblock.config.request_values import Body
from neverblock.endpoints.openapi.entry import KEYS, Missing
from neverblock.endpoints.openapi.examples import Unfillable, value_for
from neverblock.endpoints.openapi.operations import Parameter, beside_schema
from neverblock.endpoints.openapi.references import follow, mapping, sequence
from neverblock.endpoints.openapi.serialise import in_cookie, in_header, in_path, in_query
from neverblock.model import Request

if TYPE_CHECKING:
    from neverblock.config.request_values import Additions
    from neverblock.endpoints.openapi.operations import Operation
    from neverblock.endpoints.openapi.references import Node

BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods whose body no server reads, even where the document names one."""

Sent = dict[tuple[str, str], tuple[Parameter, Any]]
"""Parameters with their values, by place and name."""

_PLACEHOLDER = re.compile(r"\{([^{}:]+)(?::[^{}]*)?\}")


class Unfilled(Exception):  # noqa: N818 - an answer, as StopIteration is
    """A request that cannot be made, because something it needs has no value."""

    def __init__(self, missing: tuple[Missing, ...]) -> None:
        """Take all that is missing."""
        super().__init__(*missing)
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Filled:
    """A request, and what of it neither the configuration nor the document's author gave."""

    request: Request
    made_up: tuple[Missing, ...] = ()


def placeholders(path: str) -> list[str]:
    """Name the parameters in a path template."""
    return _PLACEHOLDER.findall(path)


def request_for(
    document: Node, operation: Operation, given: Additions, body: Body | None
) -> Filled:
    """Build the request of an operation: what is given first, then what the document says.

    Optional parameters that are not given are left out. Raises Unfilled.
    """
    sent, made_up, missing = _values(document, operation, given)
    try:
        if body is None:
            body, by_author = _body(document, operation)
            if body is not None and not by_author:
                example = (body.content or b"").decode()
                made_up.append(Missing("body", body.content_type or "", example=example))
    except Unfillable:
        missing.append(_missing_body(document, operation))
    if missing:
        raise Unfilled(tuple(missing))
    path = _PLACEHOLDER.sub(lambda match: in_path(*sent["path", match[1]]), operation.path)
    query = [
        part for (place, _), one in sent.items() if place == "query" for part in in_query(*one)
    ]
    cookies = [in_cookie(*one) for (place, _), one in sent.items() if place == "cookie"]
    headers = {
        name.lower(): in_header(*one) for (place, name), one in sent.items() if place == "header"
    }
    if cookies:
        headers["cookie"] = "; ".join([*filter(None, [headers.get("cookie")]), *cookies])
    if body is not None and body.content_type is not None:
        headers.setdefault("content-type", body.content_type)
    request = Request(
        method=operation.method,
        path=path + (f"{'&' if '?' in path else '?'}{'&'.join(query)}" if query else ""),
        headers=tuple(headers.items()),
        content=None if body is None else body.content,
    )
    return Filled(request, tuple(made_up))


def _values(
    document: Node, operation: Operation, given: Additions
) -> tuple[Sent, list[Missing], list[Missing]]:
    """Give the value of each parameter to send, which are made up, and what has none."""
    left: dict[str, dict[str, Any]] = {
        place: dict(getattr(given, key)) for place, key in KEYS.items()
    }
    sent: Sent = {}
    made_up, missing = [], []
    for parameter in _parameters(operation):
        place, name = parameter.place, parameter.name
        key = name.lower() if place == "header" else name
        if key in left[place]:
            sent[place, name] = parameter, left[place].pop(key)
        elif parameter.required:
            try:
                value, by_author = _value(document, parameter)
                sent[place, name] = parameter, value
                made_up += [] if by_author else [Missing(place, name)]
            except Unfillable:
                missing.append(Missing(place, name))
    written = parse_qs(operation.path.partition("?")[2], keep_blank_values=True)
    for place in ("query", "header", "cookie"):
        for name, value in left[place].items():
            if place != "query" or name not in written:
                sent[place, name] = _undeclared(place, name), value
    return sent, made_up, missing


def _parameters(operation: Operation) -> list[Parameter]:
    """List the declared parameters, and the undeclared ones of the path."""
    named = placeholders(operation.path)
    declared = [one for one in operation.parameters if one.place != "path" or one.name in named]
    known = {one.name for one in declared if one.place == "path"}
    return [*declared, *(_undeclared("path", name) for name in named if name not in known)]


def _value(document: Node, parameter: Parameter) -> tuple[Any, bool]:
    """Give a value for a parameter, and whether the document's author wrote it.

    Raises Unfillable.
    """
    value, by_author = value_for(
        document, parameter.schema, examples=parameter.examples, filled=True
    )
    if parameter.place == "header":
        text = in_header(parameter, value)
        if not text.isascii() or not text.isprintable():
            raise Unfillable("not allowed in a header")
    return value, by_author


def _undeclared(place: str, name: str) -> Parameter:
    """Give a parameter that no document describes: only a given value fills it."""
    style = "form" if place in {"query", "cookie"} else "simple"
    return Parameter(name, place, True, {"not": {}}, style, explode=style == "form")


def _body(document: Node, operation: Operation) -> tuple[Body | None, bool]:
    """Give the body that the document describes, if any, and whether its author wrote it.

    Raises Unfillable.
    """
    if operation.method in BODILESS or not operation.bodies:
        return None, True
    for kind, media in operation.bodies:
        if not _is_json(kind):
            continue
        try:
            value, by_author = value_for(
                document, media.get("schema", {}), examples=beside_schema(document, media)
            )
        except Unfillable:
            continue
        return Body(json.dumps(value, separators=(",", ":")).encode(), kind), by_author
    if operation.body_required:
        raise Unfillable("no body")
    return None, True


def _missing_body(document: Node, operation: Operation) -> Missing:
    """Say what a body would have to be: its media type, and the fields and files of a form."""
    kind, media = operation.bodies[0]
    schema = follow(document, media.get("schema")) or {}
    files: list[str] = []
    fields: list[str] = []
    for name in map(str, sequence(schema.get("required"))):
        field = follow(document, mapping(schema.get("properties")).get(name)) or {}
        one = follow(document, field.get("items")) or field
        a_file = one.get("format") == "binary" or "contentMediaType" in one
        (files if a_file else fields).append(name)
    return Missing("body", kind, tuple(fields), tuple(files))


def _is_json(kind: str) -> bool:
    plain = kind.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json")
