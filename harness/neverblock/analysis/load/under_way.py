"""Requests in; which of them were under way when the server died, out. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neverblock.model import UserRequest


def under_way_at_death(requests: Iterable[UserRequest]) -> list[str]:
    """Name what was asked when the first connection broke, the most often asked first.

    What began after the last right answer and failed: a request that finds nobody there begins
    later, once the first of them has failed.
    """
    made = list(requests)
    answered_s = max((each.end_s for each in made if each.error is None), default=0.0)
    broken = [each for each in made if each.error is not None and each.end_s >= answered_s]
    first_s = min((each.end_s for each in broken), default=0.0)
    names = Counter(each.name for each in broken if each.start_s <= first_s)
    return [f"{name} ({count})" if count > 1 else name for name, count in names.most_common()]
