"""What HTTP allows in names, and how a plain value is written into a request."""

from __future__ import annotations

import json
import re
from typing import Any

NAMEABLE = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "QUERY"})
"""What an endpoint may be named with."""

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a header or a cookie may be called (RFC 9110)."""


def name_of(text: str) -> str | None:
    """Give the name of an endpoint, method and path, as results have it; None for what is none.

    A path is one word of characters that can be seen: no URL has any other.
    """
    method, _, path = text.partition(" ")
    if method.upper() not in NAMEABLE or not path.startswith("/"):
        return None
    return f"{method.upper()} {path}" if path.isprintable() and " " not in path else None


def text_of(value: Any) -> str:
    """Write one plain value as JSON writes it, but text without quotes."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
