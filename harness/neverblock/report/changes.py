"""What became of each endpoint since the baseline, as every format says it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from neverblock.gate.change import Change
from neverblock.gate.compare_load import LOAD

if TYPE_CHECKING:
    from neverblock.gate.compare import Comparison, Difference
    from neverblock.gate.compare_load import EndpointDifference, FindingDifference
    from neverblock.result import Changed, Run

SYMBOLS = {
    Change.NEWLY_BLOCKING: "✗",
    Change.WORSE: "▲",
    Change.GONE: "!",
    Change.NOT_COMPARABLE: "?",
    Change.NEW: "+",
    Change.BETTER: "▼",
    Change.FIXED: "✓",
    Change.SAME: "=",
}
"""In the order in which they are shown."""

STYLES = {
    Change.NEWLY_BLOCKING: "bold red",
    Change.WORSE: "red",
    Change.GONE: "bold magenta",
    Change.NOT_COMPARABLE: "yellow",
    Change.NEW: "cyan",
    Change.BETTER: "green",
    Change.FIXED: "bold green",
    Change.SAME: "dim",
}


LOAD_LEGEND = (
    "Rates and latencies decide nothing: they differ between two runs for more reasons than the "
    "code; thresholds limit them. An endpoint is worse where others' holds took a tenth more of "
    "its requests' time; a line where it holds the loop for longer by the loop limit."
)


def everything(
    comparison: Comparison,
) -> list[Difference | FindingDifference | EndpointDifference]:
    """Give all that two runs compare and count: results, and lines and endpoints of a load."""
    load = comparison.load
    return [
        *comparison.differences,
        *(load.findings if load else ()),
        *(load.endpoints if load else ()),
    ]


def changed(run: Run) -> list[tuple[Change, Changed]]:
    """Give what is not the same as in the baseline, the worst first, and all of a load.

    The figures of a load differ even where its endpoints and lines are the same.
    """
    known = [(Change(each.change), each) for each in run.changes]
    order = list(SYMBOLS)
    differing = [each for each in known if each[0] is not Change.SAME or each[1].scenario == LOAD]
    return sorted(differing, key=lambda each: order.index(each[0]))


def since_baseline(run: Run) -> str:
    """Count what became of everything, in a sentence; "" where nothing was compared."""
    if run.baseline is None:
        return ""
    counts = Counter(Change(each.change) for each in run.changes)
    said = ", ".join(f"{counts[change]} {change}" for change in SYMBOLS if counts[change])
    return f"Since the baseline of {run.baseline}: {said or 'neither run has a result'}."


def sentence(each: Changed) -> str:
    """Say what became of one: its name, what it was, and what it is."""
    under = f" ({each.scenario})" if each.scenario else ""
    return f"{each.name}{under}: {each.before} -> {each.now}"
