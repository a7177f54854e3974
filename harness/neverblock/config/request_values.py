"""What is given beforehand for requests: values by the name of the parameter that takes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, repr=False)
class Additions:
    """Values for requests, by where they go; it has no ``repr``, since they may be secrets.

    ``path`` fills parameters of the path by their names. ``query`` and ``cookies`` are sent as
    they are, a list once for each of its values. ``headers`` are named in lower case.
    """

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)

    def over(self, other: Additions) -> Additions:
        """Give both; where both name the same, this one counts."""
        return Additions(
            path={**other.path, **self.path},
            query={**other.query, **self.query},
            headers={**other.headers, **self.headers},
            cookies={**other.cookies, **self.cookies},
        )


def secrets_in(additions: Additions) -> frozenset[str]:
    """Give the texts in additions, and what follows the scheme of ``Bearer ...``, as secrets."""
    texts: set[str] = set()
    waiting: list[Any] = [additions.path, additions.query, additions.headers, additions.cookies]
    while waiting:
        match waiting.pop():
            case str(text):
                texts |= {text, text.partition(" ")[2]} - {""}
            case dict(some):
                waiting += some.values()
            case list(some):
                waiting += some
            case plain:
                texts.add(str(plain))
    return frozenset(texts)


@dataclass(frozen=True, slots=True, repr=False)
class Body:
    """The body of a request; ``content_type`` is None where the headers are to say it."""

    content: bytes
    content_type: str | None = None
