"""What an allow of the policy is about, and until when it holds. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.codes import code_of, find_code
from neverblock.gate.background import background_code, place_name
from neverblock.gate.load import load_place

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from neverblock.analysis.codes import Code
    from neverblock.gate.policy import Allow, Policy
    from neverblock.result import Background, LoadFinding, Result


def matches(allow: Allow, result: Result) -> bool:
    """Say whether an allow is about this result: its endpoint, and its code where it names one."""
    return _names(allow, result.endpoint.name, code_of(result.judgement.diagnosis))


def lines_allowed(policy: Policy, hold: Background) -> list[Allow]:
    """Give the allows of a policy that are about a line which holds the loop for no request."""
    return [allow for allow in policy.allow if names_line(allow, hold)]


def names_line(allow: Allow, hold: Background) -> bool:
    """Say whether an allow is about a line that holds the loop for no request."""
    return allow.is_of_a_line and _names(allow, place_name(hold), background_code(hold))


def finding_allows(policy: Policy, found: LoadFinding) -> list[Allow]:
    """Give the allows that are about a finding of a load: its line, or a route that runs it."""
    code, names = find_code(found.code), (load_place(found), *found.routes)
    return [allow for allow in policy.allow if any(_names(allow, name, code) for name in names)]


def finding_allowed(policy: Policy, found: LoadFinding, today: date) -> Allow | None:
    """Give the allow by which a finding of a load is tolerated today; None where none is enough.

    One that names its line is enough, or one for each of the routes that run it: of these, the one
    that ends first.
    """
    holding = [allow for allow in finding_allows(policy, found) if today < allow.expires]
    holding.sort(key=lambda allow: allow.expires, reverse=True)
    line = next((allow for allow in holding if allow.names(load_place(found))), None)
    routes = [next((a for a in holding if a.names(route)), None) for route in found.routes]
    named = [allow for allow in routes if allow is not None]
    if line is None and named and len(named) == len(routes):
        return min(named, key=lambda allow: allow.expires)
    return line


def _names(allow: Allow, name: str, code: Code | None) -> bool:
    if not allow.names(name) or allow.code is None:
        return allow.names(name)
    return code is not None and allow.code.lower() in {code.code.lower(), code.diagnosis.value}


def allowed(allow: Allow) -> str:
    """Say until when something is allowed, and why."""
    return f"allowed until {allow.expires}: {allow.reason}"


def ended(allows: Iterable[Allow], today: date) -> str | None:
    """Say so where one of the allows for something holds no more; None where none has ended."""
    over = (f"it was {allowed(allow)}" for allow in allows if today >= allow.expires)
    return next(over, None)
