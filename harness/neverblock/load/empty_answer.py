"""Whether the body of an answer holds anything. Pure."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

LONGEST_EMPTY = 4096
"""Bytes, which the counts of an empty page do not fill; a longer body holds something."""


@lru_cache(maxsize=16)
def is_empty(body: bytes) -> bool:
    """Say whether a body is nothing, blank, an empty JSON value, or a page of lists without items.

    A page is an object whose lists are all empty, and whose other members are counts and the like:
    with a text in it, it is a thing that was found.
    """
    if len(body) > LONGEST_EMPTY:
        return False
    if not body.strip():
        return True
    try:
        return _says_nothing(json.loads(body))
    except (ValueError, RecursionError):
        return False


def _says_nothing(value: Any) -> bool:
    if isinstance(value, dict) and any(isinstance(one, list) for one in value.values()):
        return all(isinstance(one, int | float) or not one for one in value.values())
    return value is None or value in ("", [], {})
