"""What the command line did not choose, beside a baseline that has it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import result, run
from deciding import NEW, PASSES, decision

from neverblock.errors import ExitCode
from neverblock.gate.compare import Change, Comparison, compare
from neverblock.gate.policy import Policy
from neverblock.model import Endpoint, Verdict
from neverblock.report import compare_html, compare_json, compare_text

OTHER = replace(result(Verdict.FAIL), endpoint=Endpoint("other", "GET", "/other"))


def test_what_was_left_out_is_not_gone():
    """It is named, and not compared; what was chosen and is not there is gone all the same."""
    head = replace(run(), left_out=("other", "never measured"))
    found = compare(run(PASSES, OTHER), head)
    assert [(each.endpoint, each.change) for each in found.differences] == [("e", Change.GONE)]
    assert found.left_out == ("other",)


def test_what_was_measured_all_the_same_is_compared():
    """A name is left out only where the newer run has no result of it."""
    found = compare(run(OTHER), replace(run(OTHER), left_out=("other",)))
    assert [each.change for each in found.differences] == [Change.SAME]
    assert found.left_out == ()


@pytest.mark.parametrize("policy", [Policy(), NEW])
def test_it_fails_no_gate_and_is_said(policy):
    """Who chooses some endpoints knows that the others are not asked; who reads the job may not."""
    found = decision(PASSES, policy=policy, baseline=Comparison("", "", (), (), ("a", "b")))
    said = "Left out by -k or -e, and so not compared: 2 of the baseline (a, b)."
    assert (found.exit_code, found.warnings) == (ExitCode.OK, (said,))


@pytest.mark.parametrize("form", [compare_text, compare_html, compare_json])
def test_every_comparison_names_it(form):
    """A table that is shorter than the baseline says why."""
    text = form.render(Comparison("", "", (), (), ("GET /a", "GET /b", "GET /c", "GET /d")))
    assert "GET /a" in text
    assert "GET /c" in text
