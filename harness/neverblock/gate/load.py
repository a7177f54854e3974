"""What a load fails by, as the gate sees it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.load.judge import fails
from neverblock.model import Verdict

if TYPE_CHECKING:
    from neverblock.result import Criterion, Load, LoadFinding, Run


def load_failures(run: Run) -> list[LoadFinding]:
    """Give the places that fail the run's load, the worst first by what they did to others.

    None where the load could not be measured.
    """
    load = run.load
    if load is None or load.verdict is not Verdict.FAIL:
        return []
    return failing_findings(load, run.criterion)


def failing_findings(load: Load, criterion: Criterion) -> list[LoadFinding]:
    """Give the findings of a load that are beyond its limits, whatever the load itself came to."""
    return [each for each in load.findings if fails(each, criterion)]


def load_place(found: LoadFinding) -> str:
    """Give the line as people and allows name it: ``app/db.py:41``."""
    return f"{found.file}:{found.line}"
