"""What the answers of a load say of who served them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from neverblock.model import UserRequest


@dataclass(frozen=True, slots=True)
class Served:
    """The route that answered most requests of each name, and each route's first request.

    ``first`` has its number by process and route: it warms up what all later ones find warm.
    """

    routes: Mapping[str, str]
    first: Mapping[tuple[int, str], int]


def served(requests: Iterable[UserRequest]) -> Served:
    """Give what the answers say; nothing of those that do not say it."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    first: dict[tuple[int, str], int] = {}
    for request in requests:
        if request.route is None:
            continue
        seen[request.name][request.route] += 1
        if request.pid is not None and request.number is not None:
            key = request.pid, request.route
            first[key] = min(request.number, first.get(key, request.number))
    return Served({name: routes.most_common(1)[0][0] for name, routes in seen.items()}, first)
