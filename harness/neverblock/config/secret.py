"""Values that come from the environment: read into memory, and kept out of every text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHORTEST = 4
"""Characters of a secret that is worth hiding; to hide ``1`` would hide every other digit."""

HIDDEN = "***"

_REFERENCE = re.compile(r"\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def expand(text: str, environ: Mapping[str, str]) -> tuple[str, frozenset[str]]:
    """Give a text with each ``${NAME}`` replaced, and the values that were put in.

    ``$${NAME}`` stands for ``${NAME}`` itself. Raises ValueError for a variable that is not set.
    """
    used = set()

    def value_of(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:]
        value = variable(match[1], environ)
        used.add(value)
        return value

    return _REFERENCE.sub(value_of, text), frozenset(used)


def variable(name: str, environ: Mapping[str, str]) -> str:
    """Give the value of an environment variable. Raises ValueError where it is not set or empty."""
    value = environ.get(name, "")
    if not value:
        raise ValueError(f"the environment variable {name} is not set: export {name}=...")
    return value


def redact(text: str, secrets: Iterable[str]) -> str:
    """Give a text with every secret in it hidden, also where it is percent-encoded or in JSON."""
    forms = {
        form
        for secret in secrets
        if len(secret) >= SHORTEST
        for form in (
            secret,
            quote(secret, safe=""),
            quote(secret),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
        )
    }
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text
