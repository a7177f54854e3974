"""What HTTP allows in names, and how a plain value is written into a request."""

from __future__ import annotations

import json
import re
from typing import Any

NAMEABLE = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "QUERY"})
"""What an endpoint may be named with."""

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a header or a cookie may be called (RFC 9110)."""


def text_of(value: Any) -> str:
    """Write one plain value as JSON writes it, but text without quotes."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
