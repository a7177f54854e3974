"""A run beside an earlier one: what of it fails, and what is tolerated."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, result, solo
from deciding import FAILS, NEW, PASSES, TODAY, allowing, beside, decision

from neverblock.errors import ExitCode
from neverblock.gate.compare import Change, Comparison, Difference
from neverblock.gate.decide import STILL_UNSURE
from neverblock.gate.policy import FailOn, Policy
from neverblock.model import Verdict


@pytest.mark.parametrize(
    ("head", "change", "base", "code"),
    [
        (FAILS, Change.NEWLY_BLOCKING, PASSES, ExitCode.FAILED),
        (FAILS, Change.NEW, None, ExitCode.FAILED),
        (FAILS, Change.WORSE, FAILS, ExitCode.FAILED),
        (FAILS, Change.NOT_COMPARABLE, result(Verdict.INCONCLUSIVE), ExitCode.FAILED),
        (FAILS, Change.SAME, FAILS, ExitCode.OK),
        (FAILS, Change.BETTER, FAILS, ExitCode.OK),
        (PASSES, Change.WORSE, PASSES, ExitCode.FAILED),
        (PASSES, Change.SAME, PASSES, ExitCode.OK),
        (PASSES, Change.FIXED, FAILS, ExitCode.OK),
        (PASSES, Change.NEW, None, ExitCode.OK),
    ],
)
def test_with_a_baseline_only_what_is_worse_may_fail(head, change, base, code):
    """A team with known offenders can have the gate from the first day on."""
    found = decision(head, policy=NEW, baseline=beside(head, change, base))
    assert found.exit_code is code
    assert found.warnings == ()
    known = code is ExitCode.OK and head is FAILS
    said = "is blocking-io (it is no worse than in the baseline)"
    assert [r.sentence for r in found.tolerated] == [said] * known
    if head is PASSES:
        worse = "passes, but is worse than in the baseline: is concurrent"
        assert [r.sentence for r in found.reasons] == [worse] * (code is ExitCode.FAILED)


def unsure(**more):
    """Give an inconclusive result that was measured, unless told otherwise."""
    measurement = measured(solo(1.0), burst_round([10.0] * 10))
    return replace(result(Verdict.INCONCLUSIVE), **{"measurement": measurement, **more})


@pytest.mark.parametrize(
    ("head", "change", "base", "code"),
    [
        (unsure(), Change.NOT_COMPARABLE, FAILS, ExitCode.OK),
        (unsure(), Change.WORSE, FAILS, ExitCode.NOT_MEASURED),
        (unsure(), Change.NOT_COMPARABLE, PASSES, ExitCode.NOT_MEASURED),
        (unsure(), Change.NEW, None, ExitCode.NOT_MEASURED),
        (unsure(measurement=None), Change.NOT_COMPARABLE, FAILS, ExitCode.NOT_MEASURED),
        (result(Verdict.ERROR), Change.NOT_COMPARABLE, FAILS, ExitCode.NOT_MEASURED),
    ],
)
def test_a_known_failure_that_is_measured_unsurely_is_nothing_new(head, change, base, code):
    """NB202 becomes NB902 on a busy machine; what passed, or was not measured, excuses nothing."""
    found = decision(head, policy=NEW, baseline=beside(head, change, base))
    assert found.exit_code is code
    assert [r.excuse for r in found.tolerated] == [STILL_UNSURE] * (code is ExitCode.OK)
    assert decision(head, baseline=beside(head, change, base)).exit_code is ExitCode.NOT_MEASURED


UNKNOWN = result(Verdict.INCONCLUSIVE)
BROKEN = result(Verdict.ERROR)
ABSENT = "counts as new: it has no verdict in the baseline"
MISSING = 'where it need not be measured, set may-be-missing = ["e"]'


@pytest.mark.parametrize(
    ("head", "base", "told"),
    [
        (FAILS, UNKNOWN, f"{ABSENT}; make a new baseline where it is known"),
        (FAILS, BROKEN, f"{ABSENT}; make a new baseline where it is known"),
        (UNKNOWN, UNKNOWN, f"{ABSENT}; make a new baseline where it is known"),
        (BROKEN, BROKEN, f"{ABSENT}; {MISSING}"),
        (BROKEN, FAILS, f"counts as new: it has no verdict any more; {MISSING}"),
        (UNKNOWN, PASSES, "counts as new: it has no verdict any more"),
    ],
)
def test_what_cannot_be_compared_says_why_it_counts_and_what_to_do(head, base, told):
    """Only where what is new alone shall fail; what is not measured may be missing."""
    beside_base = beside(head, Change.NOT_COMPARABLE, base)
    (reason,) = decision(head, policy=NEW, baseline=beside_base).reasons
    assert reason.sentence.endswith(f" ({told})")
    (plain,) = decision(head, baseline=beside_base).reasons
    assert "counts as new" not in plain.sentence
    excused = replace(NEW, may_be_missing=("e",))
    allowed = decision(head, policy=excused, baseline=beside_base).tolerated
    assert bool(allowed) is (head is not FAILS)


def test_a_failure_that_the_baseline_does_not_have_at_all_fails():
    """A comparison that leaves an endpoint out excuses nothing."""
    assert decision(FAILS, policy=NEW, baseline=Comparison("", "", ())).exit_code is ExitCode.FAILED


def test_an_expired_allow_fails_even_where_the_baseline_knows_it():
    """Somebody promised a day."""
    policy = replace(allowing(expires=TODAY), fail_on=FailOn.NEW)
    known = beside(FAILS, Change.SAME, FAILS)
    assert decision(FAILS, policy=policy, baseline=known).exit_code is ExitCode.FAILED


def test_where_any_failure_fails_the_baseline_excuses_none():
    """It tells what is worse, and what passes all the same is a warning."""
    known = beside(FAILS, Change.SAME, FAILS)
    assert decision(FAILS, baseline=known).exit_code is ExitCode.FAILED
    worse = decision(PASSES, baseline=beside(PASSES, Change.WORSE, PASSES))
    assert worse.exit_code is ExitCode.OK
    (warning,) = worse.warnings
    assert warning.startswith("e is worse")
    same = decision(PASSES, baseline=beside(PASSES, Change.SAME, PASSES))
    assert same.warnings == ()


def test_what_the_baseline_measured_and_this_run_did_not_is_a_failure():
    """A route that was renamed, or left out, is not a route that passes."""
    gone = Difference("f", "gather", Change.GONE, PASSES, None)
    for policy in (Policy(), NEW):
        found = decision(PASSES, policy=policy, baseline=Comparison("", "", (gone,)))
        assert found.exit_code is ExitCode.NOT_MEASURED
        assert (found.reasons[0].endpoint, found.reasons[0].scenario) == ("f", "gather")
        assert found.reasons[0].sentence.endswith(
            "was measured in the baseline and is not any more; "
            "where that is meant, make a new baseline"
        )


def test_without_a_baseline_it_warns_and_judges_absolutely():
    """On the first day there is none, and that is no error."""
    found = decision(FAILS, policy=NEW)
    assert found.exit_code is ExitCode.FAILED
    (warning,) = found.warnings
    assert warning == "There is no baseline: every failure counts, known or new."
    assert decision(FAILS).warnings == ()
