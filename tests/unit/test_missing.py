"""What a policy lets be missing, and nothing more than that."""

from __future__ import annotations

import pytest
from builders import result
from deciding import FAILS, PASSES, beside, decision

from neverblock.errors import ExitCode, UsageError
from neverblock.gate.compare import Change
from neverblock.gate.policy import Policy, refuse_unknown
from neverblock.model import Verdict

LISTED = Policy(may_be_missing=("e",))
ERROR = result(Verdict.ERROR, "e")


def test_what_is_listed_may_be_missing_and_is_told():
    """It is tolerated with the pattern that lists it."""
    found = decision(ERROR, result(Verdict.PASS, "f"), policy=LISTED)
    assert found.exit_code is ExitCode.OK
    (tolerated,) = found.tolerated
    assert tolerated.endpoint == "e"
    assert '"e"' in tolerated.excuse


@pytest.mark.parametrize(
    "policy", [Policy(), Policy(may_be_missing=("f",)), Policy(may_be_missing=("E*",))]
)
def test_what_is_not_listed_may_not(policy):
    """Another name, or the same in another case, lets nothing pass."""
    found = decision(ERROR, result(Verdict.PASS, "g"), policy=policy)
    assert found.exit_code is ExitCode.NOT_MEASURED


def test_a_failure_is_not_excused_by_it():
    """What was measured and blocks is not missing."""
    policy = Policy(may_be_missing=("*",))
    assert decision(FAILS, PASSES, policy=policy).exit_code is ExitCode.FAILED


def test_not_everything_may_be_missing():
    """A check that measured nothing passes under no policy."""
    found = decision(ERROR, policy=LISTED)
    assert found.exit_code is ExitCode.NOT_MEASURED
    assert [reason.sentence for reason in found.reasons] == ["Nothing was measured."]


def test_what_the_baseline_has_and_this_run_lacks_may_be_listed_too():
    """An endpoint that went away is missing as well."""
    gone = beside(result(Verdict.PASS, "e"), Change.GONE)
    kept = result(Verdict.PASS, "g")
    assert decision(kept, baseline=gone).exit_code is ExitCode.NOT_MEASURED
    assert decision(kept, baseline=gone, policy=LISTED).exit_code is ExitCode.OK


def test_a_pattern_that_names_no_endpoint_is_refused():
    """A typing error would let something else be missing one day."""
    with pytest.raises(UsageError, match="may-be-missing") as error:
        refuse_unknown(Policy(may_be_missing=("GET /userz",)), ["GET /users"])
    assert "GET /users" in error.value.hint
    refuse_unknown(Policy(may_be_missing=("GET /u*",)), ["GET /users"])
