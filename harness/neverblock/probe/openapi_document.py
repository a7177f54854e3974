"""The app's own OpenAPI document, made inside the server process on demand.

The app's ``openapi_url`` does not matter here, nor do proxies and middlewares. Loaded only when the
document is asked for.
"""

from __future__ import annotations

import json
from typing import Any

EXTENSION = "x-neverblock"
"""The key of the routes, mounts and websockets that the document does not describe."""

_DEEPEST = 64
"""The most middlewares around an app; anything deeper is a circle."""

_CACHED = ("openapi_schema", "_openapi_routes_version")
"""The attributes in which FastAPI caches its document."""

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""In the order they are listed; HEAD, OPTIONS and TRACE do no work of the application's."""

_FRAMEWORKS = ("fastapi", "starlette", "litestar")


def answer(app: Any) -> tuple[int, bytes]:
    """Give the status and the body of the answer to a request for the document.

    200 with the document as JSON; 404 where the app has none; 500 with one line where making it
    failed. Raises nothing.
    """
    try:
        document = openapi_of(app)
        if document is None:
            return 404, b"the app has no OpenAPI document of its own"
        return 200, json.dumps(document, default=str).encode()
    except Exception as error:  # noqa: BLE001 - the app's own code makes the document
        lines = f"{error}".strip().splitlines() or [""]
        return 500, f"{type(error).__name__}: {lines[0]}".encode()


def openapi_of(app: Any) -> dict[str, Any] | None:
    """Give the document of an app, with those of the apps mounted in it; None where it has none.

    Middlewares around the app are passed through. Raises whatever the app raises; the app's own
    cache of its document stays as it was.
    """
    return _merged(app, "", ())


def _merged(app: Any, prefix: str, above: tuple[Any, ...]) -> dict[str, Any] | None:
    """Give one app's document with its paths beneath a prefix, and the mounted ones merged in.

    ``above`` are the apps that it is mounted in; one that contains itself is not entered again.
    """
    owner = owner_of(app)
    if owner is None or any(owner is one for one in above):
        return None
    own = _generated(owner)
    document: dict[str, Any] = {"openapi": "3.1.0", "paths": {}} if own is None else dict(own)
    paths = document.get("paths") or {}
    document["paths"] = {f"{prefix}{path}": item for path, item in paths.items()}
    seen: dict[str, list[str]] = {"routes": [], "mounts": [], "static": [], "websockets": []}
    known = own is not None
    routes = routes_of(owner, prefix)
    for path, route in routes:
        if is_a(route, "WebSocketRoute"):
            seen["websockets"].append(path)
        elif is_a(route, "Mount"):
            inner = _merged(route.app, path, (*above, owner))
            known = known or inner is not None
            _take(document, inner or {}, seen)
            if owner_of(route.app) is None:
                seen["static" if _serves_files(route.app) else "mounts"].append(path or "/")
        else:
            item = document["paths"].get(path) or {}
            methods = [one for one in methods_of(route) if one.lower() not in item]
            seen["routes"] += [f"{method} {path}" for method in methods]
    for path in _copied(document["paths"], routes, prefix):
        del document["paths"][path]
    document[EXTENSION] = {key: [*dict.fromkeys(values)] for key, values in seen.items() if values}
    return document if known or any(seen.values()) else None


def _copied(paths: dict[str, Any], routes: list[tuple[str, Any]], prefix: str) -> list[str]:
    """List paths that an app copies from a mounted app without the prefix of the mount.

    No route serves them: a request for one gets 404.
    """
    mounts = [path for path, route in routes if is_a(route, "Mount") and path != prefix]
    served = {path for path, route in routes if not is_a(route, "Mount")}
    return [
        path
        for path in paths
        if path not in served and any(f"{mount}{path[len(prefix) :]}" in paths for mount in mounts)
    ]


def owner_of(app: Any) -> Any:
    """Give the app behind its middlewares that makes a document or has routes, or None."""
    for _ in range(_DEEPEST):
        if app is None or callable(getattr(app, "openapi", None)) or _has_routes(app):
            return app
        app = getattr(app, "app", None)
    return None


def _has_routes(app: Any) -> bool:
    return isinstance(getattr(app, "routes", None), list) or _is_litestar(app)


def _is_litestar(app: Any) -> bool:
    return any(one.__module__.partition(".")[0] == "litestar" for one in type(app).__mro__)


def _generated(owner: Any) -> dict[str, Any] | None:
    """Let an app make its document, and restore its cache."""
    if _is_litestar(owner):
        config = getattr(owner, "openapi_config", None)
        return None if config is None else owner.openapi_schema.to_schema()
    if not callable(getattr(owner, "openapi", None)):
        return None
    attributes = getattr(owner, "__dict__", {})
    before = {name: attributes[name] for name in _CACHED if name in attributes}
    try:
        made = owner.openapi()
    finally:
        for name in _CACHED:
            attributes.pop(name, None)
        attributes.update(before)
    return made if isinstance(made, dict) else None


def routes_of(owner: Any, prefix: str, above: tuple[Any, ...] = ()) -> list[tuple[str, Any]]:
    """List routes with their whole paths, with those of routers that are included lazily."""
    listed = getattr(owner, "routes", None)
    routes: list[tuple[str, Any]] = []
    if not isinstance(listed, list) or any(owner is one for one in above):
        return routes
    for route in listed:
        later = getattr(route, "original_router", None)
        if later is not None:  # FastAPI includes routers when they are first needed
            beneath = getattr(getattr(route, "include_context", None), "prefix", "") or ""
            routes += routes_of(later, f"{prefix}{beneath}", (*above, owner))
            continue
        path = getattr(route, "path", "")
        if not is_a(route, "Mount"):  # whose format ends in what takes the rest of the path
            path = getattr(route, "path_format", path)
        routes.append((f"{prefix}{path}", route))
    return routes


def is_a(route: Any, name: str) -> bool:
    """Whether a route's class or one of its bases has this name."""
    return any(one.__name__ == name for one in type(route).__mro__)


def _serves_files(app: Any) -> bool:
    """Whether an app is the framework's own for static files, whatever is around it."""
    for _ in range(_DEEPEST):
        if app is None or is_a(app, "StaticFiles"):
            return app is not None
        app = getattr(app, "app", None)
    return False


def methods_of(route: Any) -> list[str]:
    """List the methods of a route of the app's own; the framework's pages are not its own.

    A route without methods has a class with one function for each, or an ASGI app that takes all.
    """
    endpoint = getattr(route, "endpoint", None)
    module = getattr(endpoint, "__module__", None) or ""
    if endpoint is None or module.partition(".")[0] in _FRAMEWORKS:
        return []
    if methods := getattr(route, "methods", None):
        return [one for one in _METHODS if one in methods]
    if isinstance(endpoint, type):
        return [one for one in _METHODS if hasattr(endpoint, one.lower())]
    return ["GET"]


def _take(document: dict[str, Any], inner: dict[str, Any], seen: dict[str, list[str]]) -> None:
    """Merge a mounted app's document into its parent's, with its components under their own key."""
    if not inner:
        return
    key = f"x-mounted-{sum(name.startswith('x-mounted-') for name in document)}"
    for name, values in inner.pop(EXTENSION, {}).items():
        seen[name] += values
    moved = _moved(inner, key)
    document[key] = {
        name: value
        for name, value in moved.items()
        if name.startswith(("components", "x-mounted-"))
    }
    for path, item in moved["paths"].items():
        document["paths"].setdefault(path, item)


def _moved(node: Any, key: str) -> Any:
    """Give a tree in which every reference starts below a key."""
    if isinstance(node, list):
        return [_moved(one, key) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        name: f"#/{key}/{value[2:]}"
        if name == "$ref" and isinstance(value, str) and value.startswith("#/")
        else _moved(value, key)
        for name, value in node.items()
    }
