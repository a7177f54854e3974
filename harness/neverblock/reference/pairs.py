"""The pairs of the reference app as groups of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.errors import UsageError, choices_hint
from neverblock.model import Endpoint
from neverblock.plan import Group, Subject
from neverblock.result import Lesson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.model import Pair


def choose(wanted: Sequence[str], known: Sequence[str], kind: str) -> tuple[str, ...]:
    """Give the wanted names, or all known ones where none is wanted.

    Raises UsageError for an unknown name and suggests the nearest.
    """
    for name in wanted:
        if name not in known:
            raise UsageError(f"There is no {kind} {name!r}.", choices_hint(name, known))
    return tuple(name for name in known if name in wanted) if wanted else tuple(known)


def pair_group(pair: Pair, scale: float, computing: tuple[str, ...] = ()) -> Group:
    """Give the group of one pair of the reference app: all its variants on one server.

    ``computing`` names the scenarios of a pair that computes; where empty, all.
    """
    own_time_s = None if pair.own_time_s is None else pair.own_time_s * scale
    return Group(
        name=pair.name,
        subjects=tuple(
            Subject(
                endpoint=Endpoint(
                    name=f"{pair.name}/{name}",
                    method=variant.request.method,
                    path=variant.request.path,
                    pair=pair.name,
                    variant=name,
                ),
                request=variant.request,
                expected=variant.expect,
                own_time_s=own_time_s,
            )
            for name, variant in pair.variants.items()
        ),
        needs=pair.needs,
        env={"NEVERBLOCK_PAIRS": pair.name, "NEVERBLOCK_SCALE": f"{scale:g}"},
        alone=pair.computes,
        scenarios=computing if pair.computes else (),
        lesson=Lesson(pair.name, pair.title, pair.blocking_call, pair.replacement, pair.why),
    )
