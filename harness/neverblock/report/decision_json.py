"""The gate's decision as JSON, for whatever comes after it in a job."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from neverblock.report.foreign import harmless_json

if TYPE_CHECKING:
    from neverblock.gate.decide import Decision


def render(decision: Decision) -> str:
    """Give the exit code, the reasons, what was tolerated, and the warnings."""
    saved = {"exit_code": decision.exit_code, **asdict(decision)}
    for reason in (*saved["reasons"], *saved["tolerated"]):
        del reason["because"]  # the sentence has it
    return harmless_json(saved, indent=2) + "\n"
