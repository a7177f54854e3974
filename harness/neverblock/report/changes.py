"""What became of each endpoint since the baseline, as every format says it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from neverblock.gate.compare import Change

if TYPE_CHECKING:
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


def changed(run: Run) -> list[tuple[Change, Changed]]:
    """Give what is not the same as in the baseline, the worst first."""
    known = [(Change(each.change), each) for each in run.changes]
    order = list(SYMBOLS)
    differing = [each for each in known if each[0] is not Change.SAME]
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
