"""Why a result that has no verdict, here or in the baseline, counts as new. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from neverblock.gate.change import Change
from neverblock.gate.policy import FailOn
from neverblock.gate.whole_run import UNMEASURED
from neverblock.model import Verdict

if TYPE_CHECKING:
    from neverblock.gate.compare import Difference
    from neverblock.gate.policy import Policy
    from neverblock.result import Result


def why_new(result: Result, policy: Policy, difference: Difference | None) -> str | None:
    """Say why a result counts though only what is new shall, and what to do; None where it is told.

    An error of measuring is no finding, so that the baseline excuses none: a policy may.
    """
    incomparable = difference is not None and difference.change is Change.NOT_COMPARABLE
    if policy.fail_on is not FailOn.NEW or difference is None or not incomparable:
        return None
    base = difference.base
    absent = base is not None and base.judgement.verdict in UNMEASURED
    said = f"counts as new: it has no verdict {'in the baseline' if absent else 'any more'}"
    if result.judgement.verdict is Verdict.ERROR:
        name = json.dumps(result.endpoint.name, ensure_ascii=False)
        return f"{said}; where it need not be measured, set may-be-missing = [{name}]"
    return f"{said}; make a new baseline where it is known" if absent else said
