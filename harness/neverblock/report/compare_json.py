"""A comparison as JSON: what became of each endpoint, and the figures that say so."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from neverblock.report.foreign import harmless_json

if TYPE_CHECKING:
    from neverblock.gate.compare import Comparison, Difference
    from neverblock.result import Result


def render(comparison: Comparison) -> str:
    """Give both runs' times, and each difference with its figures and their intervals."""
    saved: dict[str, Any] = {
        "base": {"started_at": comparison.base_started_at},
        "head": {"started_at": comparison.head_started_at},
        "differences": [_difference(each) for each in comparison.differences],
        "lines": [asdict(each) for each in comparison.lines],
        "left_out": list(comparison.left_out),
    }
    if comparison.load is not None:
        saved["load"] = asdict(comparison.load)
    return harmless_json(saved, indent=2) + "\n"


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "endpoint": difference.endpoint,
        "scenario": difference.scenario,
        "change": difference.change,
        "base": _judgement(difference.base),
        "head": _judgement(difference.head),
        "figures": [{**asdict(shift), "change": shift.change} for shift in difference.shifts],
    }


def _judgement(result: Result | None) -> dict[str, str] | None:
    if result is None:
        return None
    judgement = result.judgement
    return {
        "verdict": judgement.verdict,
        "diagnosis": judgement.diagnosis,
        "reason": judgement.reason,
    }
