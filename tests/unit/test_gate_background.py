"""The gate minds what held the loop for no request, by its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from builders import run
from deciding import NEW, PASSES, TODAY, allowing, decision

from neverblock.analysis.blame import GIL_NOTE
from neverblock.errors import ExitCode, UsageError
from neverblock.gate.background import background_code
from neverblock.gate.compare import Change, compare
from neverblock.gate.decide import excused_run, exit_code
from neverblock.gate.policy import FailOn, refuse_unknown
from neverblock.report import compare_html, compare_json, compare_text
from neverblock.result import Background, Blame

PLACE = Blame("app/jobs.py", 14, "sweep", "time.sleep", 0.0, on_cpu=False)
SWEEP = Background(PLACE, 13, 0.12, 0.37)
LINE = "app/jobs.py:14"


def test_a_line_over_the_limit_fails_the_gate():
    """Every endpoint suffers by it, though each passes."""
    found = decision(PASSES, background=(SWEEP,))
    assert found.exit_code is ExitCode.FAILED
    assert [(r.line, r.code, r.endpoint) for r in found.reasons] == [(LINE, "NB101", None)]
    assert "120 ms" in found.reasons[0].sentence


def test_a_line_within_the_limit_passes():
    """A saved run may be judged again by a limit that is less strict."""
    short = replace(SWEEP, held_s=0.04)
    assert decision(PASSES, background=(short,)).exit_code is ExitCode.OK


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (PLACE, "NB101"),
        (replace(PLACE, on_cpu=True), "NB102"),
        (replace(PLACE, on_cpu=True, note=GIL_NOTE), "NB103"),
    ],
)
def test_its_code_says_how_it_held_the_loop(place, code):
    """The codes are those of endpoints: what it means is the same."""
    assert background_code(replace(SWEEP, place=place)).code == code


@pytest.mark.parametrize("pattern", [LINE, "app/jobs.py:*", "app/*.py:14"])
def test_an_allow_may_name_the_line(pattern):
    """Until its day the line is reported and tolerated."""
    policy = allowing(endpoint=pattern, code="NB101")
    found = decision(PASSES, policy=policy, background=(SWEEP,))
    assert found.exit_code is ExitCode.OK
    assert [r.line for r in found.tolerated] == [LINE]
    assert found.tolerated[0].sentence.endswith("(allowed until 2026-03-02: known)")
    assert found.warnings == ()
    excused = excused_run(run(PASSES, background=(SWEEP,)), found)
    assert "known" in (excused.background[0].excuse or "")
    assert exit_code(excused) is ExitCode.OK


@pytest.mark.parametrize(
    "more",
    [
        {"endpoint": "*"},
        {"endpoint": LINE, "code": "NB102"},
        {"endpoint": LINE, "expires": date(2026, 3, 1)},
    ],
)
def test_no_other_allow_tolerates_it(more):
    """An allow for all endpoints is about endpoints; and each has its code and its day."""
    found = decision(PASSES, policy=allowing(**more), background=(SWEEP,))
    assert found.exit_code is ExitCode.FAILED


def test_a_line_whose_allow_has_ended_fails_though_the_baseline_knows_it():
    """Somebody promised a day, and the reason says which."""
    policy = replace(allowing(endpoint=LINE, expires=TODAY), fail_on=FailOn.NEW)
    before = run(PASSES, background=(SWEEP,))
    found = decision(PASSES, policy=policy, baseline=compare(before, before), background=(SWEEP,))
    (reason,) = found.reasons
    assert reason.sentence.endswith("(it was allowed until 2026-03-01: known)")
    assert found.tolerated == ()


def test_an_allow_for_a_line_that_held_nothing_is_not_needed():
    """Whoever keeps the policy learns what can go."""
    (warning,) = decision(PASSES, policy=allowing(endpoint=LINE)).warnings
    assert LINE in warning


def test_an_allow_for_a_line_needs_no_endpoint():
    """Before anything is measured only endpoints are known, so only their names are refused."""
    refuse_unknown(allowing(endpoint=LINE), ["GET /a"])
    with pytest.raises(UsageError):
        refuse_unknown(allowing(endpoint="GET /b"), ["GET /a"])


def test_only_a_line_that_is_not_in_the_baseline_is_new():
    """The same file and line held the loop before; another is worse than the baseline."""
    before, other = run(PASSES, background=(SWEEP,)), replace(PLACE, line=20)
    now = run(PASSES, background=(SWEEP, replace(SWEEP, place=other)))
    comparison = compare(before, now)
    found = decision(PASSES, policy=NEW, baseline=comparison, background=now.background)
    assert [r.line for r in found.tolerated] == [LINE]
    assert found.tolerated[0].sentence.endswith("(it is in the baseline as well)")
    assert [r.line for r in found.reasons] == ["app/jobs.py:20"]
    changes = {each.line: each.change for each in comparison.lines}
    assert changes == {LINE: Change.SAME, "app/jobs.py:20": Change.NEWLY_BLOCKING}
    assert [each.change for each in compare(before, run(PASSES)).lines] == [Change.FIXED]


def test_without_a_baseline_each_line_counts():
    """Nothing that is absent passes."""
    found = decision(PASSES, policy=NEW, background=(SWEEP,))
    assert found.exit_code is ExitCode.FAILED


def test_a_comparison_shows_which_lines_are_new_and_which_are_fixed():
    """What is the same in both runs is not told again."""
    comparison = compare(run(PASSES, background=(SWEEP,)), run(PASSES))
    assert f"fixed background work: {LINE}" in compare_text.render(comparison)
    assert '"change": "fixed"' in compare_json.render(comparison)
    assert LINE in compare_html.render(comparison)
    same = compare(run(PASSES, background=(SWEEP,)), run(PASSES, background=(SWEEP,)))
    assert LINE not in compare_text.render(same)
