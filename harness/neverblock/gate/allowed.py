"""What an allow of the policy is about, and until when it holds. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.codes import code_of
from neverblock.gate.background import diagnosis_of, place_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from neverblock.gate.policy import Allow, Policy
    from neverblock.model import Diagnosis
    from neverblock.result import Background, Result


def matches(allow: Allow, result: Result) -> bool:
    """Say whether an allow is about this result: its endpoint, and its code where it names one."""
    return _names(allow, result.endpoint.name, result.judgement.diagnosis)


def lines_allowed(policy: Policy, hold: Background) -> list[Allow]:
    """Give the allows of a policy that are about a line which holds the loop for no request."""
    return [allow for allow in policy.allow if names_line(allow, hold)]


def names_line(allow: Allow, hold: Background) -> bool:
    """Say whether an allow is about a line that holds the loop for no request."""
    return allow.is_of_a_line and _names(allow, place_name(hold), diagnosis_of(hold))


def _names(allow: Allow, name: str, diagnosis: Diagnosis) -> bool:
    if not allow.names(name) or allow.code is None:
        return allow.names(name)
    code = code_of(diagnosis)
    return allow.code.lower() in {code.code.lower() if code else None, diagnosis.value}


def allowed(allow: Allow) -> str:
    """Say until when something is allowed, and why."""
    return f"allowed until {allow.expires}: {allow.reason}"


def ended(allows: Iterable[Allow], today: date) -> str | None:
    """Say so where one of the allows for something holds no more; None where none has ended."""
    over = (f"it was {allowed(allow)}" for allow in allows if today >= allow.expires)
    return next(over, None)
