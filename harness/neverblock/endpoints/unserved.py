"""Names that somebody gave and nothing serves: told before anything is measured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from neverblock.endpoints.probe_request import send_probe_request
from neverblock.errors import UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from neverblock.plan import Subject

NOT_SERVED = {404: "it answers 404", 405: "it answers 405, as it takes other methods there"}
"""What a server answers where it has no route: no such path, or none by this method."""

PLACEHOLDER = re.compile(r"\\{[^}]*\\}")


async def refuse_unserved(
    base_url: str, subjects: Sequence[Subject], routes: Collection[str], named: Collection[str]
) -> None:
    """Ask once what somebody named and no route is called; raise UsageError for what is not served.

    A middleware, or an app that is mounted, may serve a path without a route that can be seen, so
    that the answer decides. ``routes`` are those that the app says it has, ``named`` those of the
    command line.
    """
    for subject in subjects:
        name = subject.endpoint.name
        if not subject.named or fits_route(name, routes):
            continue
        status = (await send_probe_request(base_url, subject.request)).status
        if status in NOT_SERVED and status not in subject.statuses:
            where = f"-e '{name}'" if name in named else f'name = "{name}"'
            near = nearest(name, routes)
            meant = "" if near is None else f"Did you mean {near!r}? "
            raise UsageError(
                f"{where} fits no route of the app: {NOT_SERVED[status]}.",
                f"{meant}If {status} is its right answer, say so in [[tool.neverblock.endpoint]]: "
                f"statuses = [{status}].",
            )


def fits_route(name: str, routes: Collection[str]) -> bool:
    """Say whether a name is that of a route, or of a path that a route's placeholders take."""
    return name in routes or any(
        re.fullmatch(PLACEHOLDER.sub("[^/]+", re.escape(route)), name) for route in routes
    )
