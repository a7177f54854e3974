"""A comparison as JSON: what became of each endpoint, and the figures that say so."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neverblock.gate.compare import Comparison, Difference
    from neverblock.result import Result


def render(comparison: Comparison) -> str:
    """Give both runs' times, and each difference with its figures and their intervals."""
    saved = {
        "base": {"started_at": comparison.base_started_at},
        "head": {"started_at": comparison.head_started_at},
        "differences": [_difference(found) for found in comparison.differences],
    }
    return json.dumps(saved, indent=2, ensure_ascii=False) + "\n"


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "endpoint": found.endpoint,
        "scenario": found.scenario,
        "change": found.change,
        "base": _judgement(found.base),
        "head": _judgement(found.head),
        "figures": [{**asdict(shift), "change": shift.change} for shift in found.shifts],
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
