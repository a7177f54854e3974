"""How OpenAPI writes the value of a parameter into a path, a query, a header or a cookie."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from neverblock.config.http_names import text_of

if TYPE_CHECKING:
    from neverblock.endpoints.openapi.operations import Parameter

_RESERVED = ":/?#[]@!$'()*,;"
"""RFC 3986's reserved characters, but for those that divide a query."""

_DELIMITERS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}


def in_path(parameter: Parameter, value: Any) -> str:
    """Write a value for its place in the path, percent-encoded."""
    value = _plain(parameter, value)
    lead, divider = {"label": (".", "."), "matrix": (";", ";")}.get(parameter.style, ("", ","))
    explode = parameter.explode
    name = quote(parameter.name, safe="")
    if isinstance(value, dict):
        pairs = [(_encoded(k), _encoded(v)) for k, v in value.items()]
        if explode:
            return lead + divider.join(f"{k}={v}" for k, v in pairs)
        flat = ",".join(f"{k},{v}" for k, v in pairs)
        return f"{lead}{name}={flat}" if parameter.style == "matrix" else lead + flat
    values = [_encoded(one) for one in (value if isinstance(value, list) else [value])]
    if parameter.style == "matrix":
        if explode:
            return "".join(f";{name}={one}" for one in values)
        return f";{name}={','.join(values)}"
    return lead + (divider if explode else ",").join(values)


def in_query(parameter: Parameter, value: Any) -> list[str]:
    """Write a value as the parts of a query, percent-encoded, without what joins them."""
    safe = _RESERVED if parameter.allow_reserved else ""
    name = quote(parameter.name, safe="")
    value = _plain(parameter, value)
    if isinstance(value, dict):
        if parameter.style == "deepObject":
            return [f"{name}%5B{_encoded(k)}%5D={_encoded(v, safe)}" for k, v in value.items()]
        pairs = [(_encoded(k), _encoded(v, safe)) for k, v in value.items()]
        if parameter.explode:
            return [f"{k}={v}" for k, v in pairs]
        return [f"{name}={','.join(f'{k},{v}' for k, v in pairs)}"]
    if not isinstance(value, list):
        return [f"{name}={_encoded(value, safe)}"]
    values = [_encoded(one, safe) for one in value]
    if parameter.explode:
        return [f"{name}={one}" for one in values]
    return [f"{name}={_DELIMITERS.get(parameter.style, ',').join(values)}"]


def in_header(parameter: Parameter, value: Any) -> str:
    """Write a value as a header has it, not encoded."""
    value = _plain(parameter, value)
    if isinstance(value, dict):
        divider = "=" if parameter.explode else ","
        return ",".join(f"{k}{divider}{text_of(v)}" for k, v in value.items())
    return ",".join(text_of(one) for one in (value if isinstance(value, list) else [value]))


def in_cookie(parameter: Parameter, value: Any) -> str:
    """Write a value as one or more pairs of a Cookie header."""
    value = _plain(parameter, value)
    if isinstance(value, dict) and parameter.explode:
        return "; ".join(f"{k}={_encoded(v)}" for k, v in value.items())
    if isinstance(value, list) and parameter.explode:
        return "; ".join(f"{parameter.name}={_encoded(one)}" for one in value)
    return f"{parameter.name}={quote(in_header(parameter, value), safe=_COOKIE)}"


_COOKIE = "!#$%&'()*+-./:<=>?@[]^_`{|}~"
"""What a cookie's value may hold as it is (RFC 6265), so that a token stays as it was given."""


def _plain(parameter: Parameter, value: Any) -> Any:
    return json.dumps(value, separators=(",", ":")) if parameter.as_json else value


def _encoded(value: Any, safe: str = "") -> str:
    return quote(text_of(value), safe=safe)
