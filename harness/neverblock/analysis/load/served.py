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
    """The route that answered most requests of each name, and since when each route is warm.

    ``warm_s`` has, by process and route, when its first answer had surely come home: what ran for
    the first time before is what all later requests find warm. The route is None where none fits.
    """

    routes: Mapping[str, str]
    warm_s: Mapping[tuple[int, str | None], float]


def served(requests: Iterable[UserRequest]) -> Served:
    """Give what the answers say; nothing of those that do not say it."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    warm_s: dict[tuple[int, str | None], float] = {}
    for request in requests:
        if request.route is not None:
            seen[request.name][request.route] += 1
        if request.pid is not None:
            key, home_s = (request.pid, request.route), request.end_s + request.unsure_s
            warm_s[key] = min(home_s, warm_s.get(key, home_s))
    return Served({name: routes.most_common(1)[0][0] for name, routes in seen.items()}, warm_s)
