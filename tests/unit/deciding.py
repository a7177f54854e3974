"""Runs, policies and baselines for the tests of the gate."""

from __future__ import annotations

from datetime import date

from builders import result, run

from neverblock.gate.compare import Comparison, Difference
from neverblock.gate.decide import decide
from neverblock.gate.policy import Allow, FailOn, Policy
from neverblock.model import Verdict

TODAY = date(2026, 3, 1)
PASSES, FAILS = result(Verdict.PASS), result(Verdict.FAIL)
SKIPPED = result(Verdict.SKIPPED, "s")
NEW = Policy(fail_on=FailOn.NEW)


def decision(*results, policy=None, baseline=None, **more):
    """Decide about one run of these results, today."""
    return decide(run(*results, **more), policy or Policy(), today=TODAY, baseline=baseline)


def beside(head, change, base=None):
    """One result beside what it was in the baseline."""
    both = Difference(head.endpoint.name, head.scenario.name, change, base, head)
    return Comparison("then", "now", (both,))


def allowing(**more):
    """Give a policy with one allow, which holds until tomorrow unless told otherwise."""
    given = {"endpoint": "e", "reason": "known", "expires": date(2026, 3, 2), **more}
    return Policy(allow=(Allow(**given),))
