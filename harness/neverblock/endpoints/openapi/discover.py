"""From an app's OpenAPI document to the requests that check it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from neverblock.endpoints.openapi.entry import Missing, entry_text, headers_text
from neverblock.endpoints.openapi.filling import Unfilled, request_for
from neverblock.endpoints.openapi.misspelt import misspelt
from neverblock.endpoints.openapi.operations import Operation, operations, statuses_of
from neverblock.endpoints.openapi.references import mapping, modern, sequence
from neverblock.endpoints.openapi.undescribed import STATIC, hidden_of, mounts_of, undescribed
from neverblock.errors import UsageError
from neverblock.model import Endpoint
from neverblock.plan import Subject
from neverblock.result import Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from neverblock.config import Config, EndpointConfig
    from neverblock.endpoints.openapi.filling import Filled
    from neverblock.endpoints.openapi.references import Node

WELL_KNOWN_PATHS = (
    "/openapi.json",
    "/api/openapi.json",
    "/schema/openapi.json",
    "/api/schema",
    "/swagger.json",
    "/openapi",
)
"""Where apps show it: FastAPI, Django Ninja, Litestar, drf-spectacular, aiohttp, OGC's APIs."""

OWN_PATHS = "/__neverblock__/"
"""Paths that the probe itself answers."""

_BY_HAND = 'Name its endpoints: [[tool.neverblock.endpoint]] name = "GET /path".'

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110), of which GET alone is asked unless it is named."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """What can be checked, and what cannot, with the reason and the lines that change that.

    ``entries`` are those lines alone, for every endpoint that lacks nothing but a value, and for
    the headers whose values were made up; ``replaceable`` those of endpoints whose values were made
    up, ``unsafe`` those of endpoints that are asked only if they are named. ``routes`` names all
    that the app serves by code, checkable or not; ``served`` those of them that the app itself
    shows. ``misspelt`` are complaints about parameters that the configuration names.
    """

    subjects: tuple[Subject, ...]
    unchecked: tuple[Unchecked, ...]
    entries: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    served: frozenset[str] = frozenset()
    replaceable: tuple[str, ...] = ()
    unsafe: tuple[str, ...] = ()
    misspelt: tuple[str, ...] = ()


def discover(
    document: Mapping[str, Any] | None, config: Config, *, base_path: str = ""
) -> Discovered:
    """Find every endpoint that can be asked, and build its request.

    ``document`` is the app's own, or None where it has none: then only the endpoints that the
    configuration names are asked. ``base_path`` goes before every path of the document (see
    ``base_path_of``). Raises UsageError for what is not an OpenAPI document.
    """
    tree = _readable(document)
    described = [one for one in operations(tree) if not one.path.startswith(OWN_PATHS)]
    names = {one.name for one in described}
    named = [Operation(one.method, one.path) for one in config.endpoints if one.name not in names]
    known = names | {one.name for one in config.endpoints}
    mounts = mounts_of(tree)
    subjects, unchecked = [], undescribed(tree, known, OWN_PATHS)
    lacking_values: list[tuple[str, tuple[Missing, ...]]] = []
    replaceable: list[str] = []
    unsafe: list[str] = []
    routes = [one.name for one in (*described, *named)]
    routes += [f"{one.method} {one.path}" for one in unchecked if one.reason != STATIC]
    for operation in (*described, *named):
        own = config.endpoint(operation.name)
        missing: tuple[Missing, ...] = ()
        bodies: tuple[Missing, ...] = ()
        try:
            given = config.additions if own is None else own.additions.over(config.additions)
            asked = _within_mount(operation, mounts)
            filled = request_for(tree, asked, given, None if own is None else own.body)
            bodies = tuple(one for one in filled.made_up if one.place == "body")
        except Unfilled as lacking:
            missing = lacking.missing
        reason = _reason(operation, config, own, missing)
        if reason is not None:
            unchecked.append(Unchecked(operation.method, operation.path, reason))
            if operation.method in SAFE:
                lacking_values.append((operation.name, missing))
            elif own is None:
                unsafe.append(entry_text(operation.name, (*_others(missing), *bodies)))
            continue
        lacking_values.append((operation.name, _headers(filled.made_up)))
        if others := _others(filled.made_up):
            replaceable.append(entry_text(operation.name, others))
        subject = _subject(operation, filled)
        if operation.name in names:
            request = replace(subject.request, path=base_path + subject.request.path)
            subject = replace(subject, request=request)
        subjects.append(subject)
    entries = tuple(_entries(lacking_values))
    hidden = (name for name in hidden_of(tree) if f" {OWN_PATHS}" not in name)
    served = frozenset({*names, *hidden})
    return Discovered(
        subjects=tuple(subjects),
        unchecked=tuple(unchecked),
        entries=entries,
        routes=tuple(routes),
        served=served,
        replaceable=tuple(replaceable),
        unsafe=tuple(unsafe),
        misspelt=tuple(misspelt(config, (*described, *named))),
    )


def _headers(missing: tuple[Missing, ...]) -> tuple[Missing, ...]:
    return tuple(one for one in missing if one.place == "header")


def _others(missing: tuple[Missing, ...]) -> tuple[Missing, ...]:
    return tuple(one for one in missing if one.place != "header")


def _entries(lacking: list[tuple[str, tuple[Missing, ...]]]) -> Iterator[str]:
    """Yield the lines for each endpoint, and last one table of all the headers that are wanted."""
    for name, missing in lacking:
        if others := _others(missing):
            yield entry_text(name, others)
    names = [one.name.lower() for _, missing in lacking for one in _headers(missing)]
    if names:
        yield headers_text(list(dict.fromkeys(names)))


def declared_statuses(document: Mapping[str, Any] | None, endpoint: Endpoint) -> frozenset[int]:
    """Give the statuses that the document names for an endpoint; empty where it names none."""
    return statuses_of(mapping(document), endpoint.path, endpoint.method)


def base_path_of(document: Mapping[str, Any], url: str) -> str:
    """Give what goes before every path of a document that was read from a URL.

    It is the path of the first server that is relative or of the URL's own host. A document from
    inside the server process needs none: its paths are the app's own.
    """
    tree = mapping(document)
    servers = [mapping(one).get("url") for one in sequence(tree.get("servers"))]
    if isinstance(tree.get("basePath"), str):  # Swagger 2
        servers = [tree["basePath"]]
    for server in servers:
        if isinstance(server, str) and urlsplit(server).netloc in {"", urlsplit(url).netloc}:
            path = urlsplit(server).path.rstrip("/")
            return path if not path or path.startswith("/") else f"/{path}"
    return ""


def _readable(document: Mapping[str, Any] | None) -> Node:
    """Give a document as a tree. Raises UsageError for anything that has no paths."""
    if document is None:
        return {}
    if not isinstance(document, dict) or not isinstance(document.get("paths", {}), dict):
        raise UsageError(
            f"What the app gives as its OpenAPI document is not one: {document!r:.80}.",
            _BY_HAND,
        )
    try:
        json.dumps(document, ensure_ascii=False).encode()
        return mapping(modern(document))
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"The app's OpenAPI document is not JSON: {error}.", _BY_HAND) from error


def _reason(
    operation: Operation,
    config: Config,
    own: EndpointConfig | None,
    missing: tuple[Missing, ...],
) -> str | None:
    """Say why an endpoint is not asked, and what to write so that it is; None where it is asked."""
    name = operation.name
    lines = entry_text(name, missing)
    for pattern in config.exclude:
        if fnmatchcase(name, pattern):
            return f'excluded by exclude = "{pattern}"'
    if config.include and not any(fnmatchcase(name, pattern) for pattern in config.include):
        return "include does not name it"
    if own is None and operation.method not in SAFE:
        return f"{operation.method} may change data, so it is asked only if named; add\n{lines}"
    if own is None and operation.streams:
        return f"answers with a stream, which may never end; to ask it all the same, add\n{lines}"
    if missing:
        needs = " and ".join(str(one) for one in missing)
        return f"needs {needs}, and nothing gives a value; add\n{lines}"
    return None


def _subject(operation: Operation, filled: Filled) -> Subject:
    """Give an endpoint with its request, and what of that was made up."""
    made_up = filled.made_up
    return Subject(
        Endpoint(operation.name, operation.method, operation.path),
        filled.request,
        made_up=tuple("body" if one.place == "body" else one.name for one in made_up),
        entry=entry_text(operation.name, made_up, "...") if made_up else "",
    )


def _within_mount(operation: Operation, mounts: frozenset[str]) -> Operation:
    """Give the operation with the path at which a mounted app answers, if it is that of a mount."""
    return replace(operation, path=f"{operation.path}/") if operation.path in mounts else operation
