"""Names for links into a page, which stay the same from run to run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neverblock.result import Result

MOST_OF_A_NAME = 60
RESERVED = frozenset(
    (
        *("background", "changes", "claims", "embedded-run", "endpoints", "filter", "fix-first"),
        *(
            "flame",
            "capacity",
            "load",
            "pointed",
            "results",
            "run",
            "runs",
            "surprises",
            "suspects",
            "routes",
        ),
        "unchecked",
    )
)
"""The names of a page's own parts."""


def anchors(names: Iterable[str]) -> dict[str, str]:
    """Give each name an anchor of its own, made of small letters, digits and hyphens."""
    by_name: dict[str, str] = {}
    taken = set(RESERVED)
    for name in names:
        first = anchor = slug(name)
        number = 1
        while anchor in taken:
            number += 1
            anchor = f"{first}--{number}"
        taken.add(anchor)
        by_name[name] = anchor
    return by_name


def card_anchor(section: str, result: Result) -> str:
    """Give the anchor of one result within its section: ``sleep.bad.gather``."""
    parts = (result.endpoint.variant, result.scenario.name)
    return ".".join((section, *(slug(part) for part in parts if part)))


def slug(name: str) -> str:
    """Reduce a name to what needs no escaping anywhere."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:MOST_OF_A_NAME] or "endpoint"
