"""What became of each endpoint and line since the baseline, as a run keeps it. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.gate.change import Change
from neverblock.gate.compare_load import LOAD, lost_share
from neverblock.result import Changed
from neverblock.units import rate, seconds, share

MOST_NAMES = 3

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neverblock.gate.compare import Comparison
    from neverblock.gate.compare_load import LoadComparison
    from neverblock.result import LoadEndpoint, LoadFinding, Result, Run


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
    if comparison.load is not None:
        changes += _of_load(comparison.load)
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


def _of_load(load: LoadComparison) -> Iterator[Changed]:
    """Yield what became of each line that failed a load, and of each endpoint under it."""
    for found in load.findings:
        said = finding_said(found.base), finding_said(found.head)
        yield Changed(found.line, LOAD, found.change, *said)
    for each in load.endpoints:
        said = endpoint_said(each.base), endpoint_said(each.head)
        yield Changed(each.endpoint, LOAD, each.change, *said)


def finding_said(found: LoadFinding | None) -> str:
    """Give how often and how long a line held the loop, and what others lost; "-" without it."""
    if found is None:
        return "-"
    held = f"{found.holds} holds, {seconds(found.held_s / found.holds)} each on average"
    return f"{held}; others lost {seconds(found.others_lost_s)}"


def endpoint_said(endpoint: LoadEndpoint | None) -> str:
    """Give rate, p95, and what an endpoint's requests lost to others' holds; "-" without it."""
    if endpoint is None:
        return "-"
    said = f"{rate(endpoint.rate_per_s)}/s, p95 {seconds(endpoint.p95_s)}"
    lost = lost_share(endpoint)
    if lost is None:
        return said
    return f"{said}, lost {seconds(endpoint.lost_s)} ({share(lost)} of its time)"
