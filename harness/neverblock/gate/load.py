"""What a load fails by, as the gate sees it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.model import Verdict

if TYPE_CHECKING:
    from neverblock.result import LoadFinding, Run


def over_load_limit(run: Run) -> list[LoadFinding]:
    """Give the places that held the loop for longer than the limit under the run's load.

    The worst first by what they did to others. None where the load could not be measured.
    """
    load = run.load
    if load is None or load.verdict is not Verdict.FAIL:
        return []
    return [each for each in load.findings if each.longest_s > run.criterion.loop_limit_s]


def load_place(found: LoadFinding) -> str:
    """Give the line as people and allows name it: ``app/db.py:41``."""
    return f"{found.file}:{found.line}"
