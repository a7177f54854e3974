"""What became of each endpoint since the baseline, as a run keeps it. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.gate.compare import Change
from neverblock.result import Changed

MOST_NAMES = 3

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.gate.compare import Comparison
    from neverblock.result import Result, Run


def compared_run(run: Run, comparison: Comparison) -> Run:
    """Give a run with what became of everything in it since the baseline."""
    changes = [
        Changed(each.endpoint, each.scenario, each.change, _said(each.base), _said(each.head))
        for each in comparison.differences
    ]
    for line in comparison.lines:
        before = "free" if line.change is Change.NEWLY_BLOCKING else "held"
        now = "free" if line.change is Change.FIXED else "held"
        changes.append(Changed(f"background work at {line.line}", "", line.change, before, now))
    return replace(run, baseline=comparison.base_started_at, changes=tuple(changes))


def left_out_sentence(names: Sequence[str]) -> str:
    """Say what of the earlier run was not chosen this time, so that nothing is known of it."""
    some = ", ".join(names[:MOST_NAMES]) + ", ..." * (len(names) > MOST_NAMES)
    return f"Left out by -k or -e, and so not compared: {len(names)} of the baseline ({some})."


def _said(result: Result | None) -> str:
    """Give verdict and diagnosis, once where they are one word; "-" where there is no result."""
    if result is None:
        return "-"
    judgement = result.judgement
    return " ".join(dict.fromkeys([str(judgement.verdict), str(judgement.diagnosis)]))
