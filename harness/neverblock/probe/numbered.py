"""One request by its number, and the header by which its answer says who served it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from .config import SERVED_HEADER

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_HEADER = SERVED_HEADER.encode()
_SAFE = "/ {}:*"
"""What a route is made of, beside letters; all else is escaped in the header."""


class Numbered:
    """One request that the app serves: its number within the process, and its scope."""

    __slots__ = ("_scope", "number")

    def __init__(self, number: int, scope: Scope) -> None:
        """Take its number and its scope, in which the app's router leaves the route."""
        self.number = number
        self._scope = scope

    @property
    def route(self) -> str | None:
        """Method and path template of the route that serves it; None until one is found."""
        scope = self._scope
        template = _template(scope)
        return None if template is None else f"{scope.get('method', scope['type'])} {template}"

    def telling(self, send: Send) -> Send:
        """Give a way to send by which the head of the answer says which request it is of."""

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                served = f"{os.getpid()};{self.number};{quote(self.route or '', safe=_SAFE)}"
                headers = [*message.get("headers", ()), (_HEADER, served.encode())]
                message = {**message, "headers": headers}
            await send(message)

        return tell


def _template(scope: Scope) -> str | None:
    """Give the path template of a routed request, as far as the app's framework leaves it.

    Where only the values of its parameters are known, each is put back into its place.
    """
    template = scope.get("path_template") or getattr(scope.get("route"), "path", None)
    if template is not None:
        below = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
        return f"{below}{template}"
    if "endpoint" not in scope:
        return None
    path = f"{scope['path']}/"
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(f"/{value}/", f"/{{{name}}}/", 1)
    return path[:-1] or "/"
