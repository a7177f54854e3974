"""What a run is: a check, a load or a capacity, and what follows for a gate. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.errors import UsageError

if TYPE_CHECKING:
    from neverblock.result import Run


def kind_of(run: Run) -> str:
    """Give what kind of run it is, as its command is called."""
    if run.load is not None:
        return "load"
    return "capacity" if run.capacity else "check"


def refuse_unlike_kinds(base: Run, head: Run) -> None:
    """Raise UsageError for two runs of different kinds, which have no figure in common."""
    before, after = kind_of(base), kind_of(head)
    if before != after:
        raise UsageError(
            f"These two runs cannot be compared: the earlier is a {before}, the newer a {after}.",
            f"Name a {before} by its folder: reports/RUN. `latest` is the last run of any kind.",
        )


def refuse_undecidable(run: Run) -> None:
    """Raise UsageError for a capacity that was held to nothing: it has figures and no verdict."""
    decided = (each for each in run.capacity if each.against is not None or not each.levels)
    if kind_of(run) == "capacity" and not any(decided):
        raise UsageError(
            "This run is a capacity that was held to nothing, so that there is nothing to decide.",
            "Name a check or a load by its folder, reports/RUN, or hold a capacity to the app's "
            "base: neverblock capacity main:app --against FOLDER --least 0.9",
        )
