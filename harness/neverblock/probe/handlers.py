"""The functions that an app registers for its routes: handlers and dependencies, with their lines.

Made inside the server process on demand, and loaded only then.
"""

from __future__ import annotations

import functools
import inspect
import json
from typing import TYPE_CHECKING, Any

from .openapi_document import is_a, methods_of, owner_of, routes_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

_DEEPEST = 16
"""The most levels of dependencies of dependencies, and of mounts; anything deeper is a circle."""

_CLASS_METHODS = ("get", "post", "put", "patch", "delete", "on_receive")
"""What answers in a class that is a handler: Starlette's HTTPEndpoint and WebSocketEndpoint."""


def answer(app: Any) -> tuple[int, bytes]:
    """Give the status and the body of the answer to a request for the handlers.

    200 with a JSON list of (route, file, first line, last line); 500 with one line where the app's
    own code failed. Raises nothing.
    """
    try:
        return 200, json.dumps(list(dict.fromkeys(handlers(app)))).encode()
    except Exception as error:  # noqa: BLE001 - an app's routes are objects of any kind
        return 500, f"{type(error).__name__}: {error}".encode()


def handlers(app: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str, int, int]]:
    """Yield every function that a route calls: the route's name, its file, first and last line."""
    owner = owner_of(app)
    if owner is None or depth > _DEEPEST:
        return
    for path, route in routes_of(owner, prefix):
        if is_a(route, "Mount"):
            yield from handlers(route.app, path, depth + 1)
            continue
        for name in _names(path, route):
            for function in _functions(route):
                for code in _codes(function):
                    yield name, code.co_filename, code.co_firstlineno, _last_line(code)


def _names(path: str, route: Any) -> list[str]:
    """Name a route by each of its methods, as the results of a run are named."""
    if is_a(route, "WebSocketRoute"):
        return [f"WEBSOCKET {path}"]
    return [f"{method} {path}" for method in methods_of(route)]


def _functions(route: Any) -> Iterator[Any]:
    """Yield what a route calls: its endpoint, its dependencies (FastAPI's), theirs, and so on."""
    yield getattr(route, "endpoint", None)
    level = [getattr(route, "dependant", None)]
    for _ in range(_DEEPEST):
        level = [below for each in level for below in getattr(each, "dependencies", ())]
        yield from (getattr(each, "call", None) for each in level)


def _codes(function: Any) -> Iterator[CodeType]:
    """Yield the code of a function, a partial, a callable object, or a class with methods."""
    while isinstance(function, functools.partial):
        function = function.func
    if function is None:
        return
    if isinstance(function, type):
        named = [getattr(function, name, None) for name in (*_CLASS_METHODS, "__init__")]
    else:
        named = [function, vars(type(function)).get("__call__")]
    for each in named:
        code = getattr(inspect.unwrap(each), "__code__", None) if callable(each) else None
        if code is not None:
            yield code


def _last_line(code: CodeType) -> int:
    """Give the last line of a function, with the functions that are defined in it."""
    own = [line for _, _, line in code.co_lines() if line is not None]
    inner = [_last_line(one) for one in code.co_consts if hasattr(one, "co_lines")]
    return max([code.co_firstlineno, *own, *inner])
