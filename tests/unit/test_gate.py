"""Results in; what the shell is told out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, solo

from harness.errors import ExitCode
from harness.expect import as_expected, hold_answers
from harness.gate import exit_code
from harness.judge import NO_CHECKS
from harness.model import (
    CheckState,
    Diagnosis,
    Endpoint,
    Expectation,
    Request,
    Scenario,
    Verdict,
)
from harness.plan import Subject
from harness.result import Criterion, Judgement, Result, Run

BURST = Scenario("gather", "gather", "gather")
BLOCKS = Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO)
FREE = Expectation(Verdict.PASS, Diagnosis.CONCURRENT)


def result(verdict, expected=None, as_expected=None):
    """One result with no figures."""
    judgement = Judgement(NO_CHECKS, verdict, Diagnosis.CONCURRENT, "")
    return Result(Endpoint("e", "GET", "/"), BURST, None, judgement, expected, as_expected)


def run(*results, **more):
    """One run of these results."""
    return Run("0", "", 0.0, "app", 1.0, Criterion(), {}, results, **more)


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([result(Verdict.PASS)], ExitCode.OK),
        ([result(Verdict.FAIL)], ExitCode.FAILED),
        ([result(Verdict.PASS), result(Verdict.FAIL)], ExitCode.FAILED),
        ([result(Verdict.FAIL, BLOCKS, as_expected=True)], ExitCode.OK),
        ([result(Verdict.PASS, BLOCKS, as_expected=False)], ExitCode.FAILED),
        ([result(Verdict.FAIL, FREE, as_expected=False)], ExitCode.FAILED),
        ([result(Verdict.FAIL, BLOCKS, as_expected=None)], ExitCode.OK),
        ([result(Verdict.ERROR)], ExitCode.NOT_MEASURED),
        ([result(Verdict.INCONCLUSIVE)], ExitCode.NOT_MEASURED),
        ([result(Verdict.INCONCLUSIVE, FREE, as_expected=False)], ExitCode.NOT_MEASURED),
        ([result(Verdict.FAIL), result(Verdict.ERROR)], ExitCode.FAILED),
        ([result(Verdict.PASS), result(Verdict.SKIPPED)], ExitCode.OK),
        ([result(Verdict.SKIPPED)], ExitCode.NOT_MEASURED),
        ([], ExitCode.NOT_MEASURED),
    ],
)
def test_the_exit_code_follows_from_the_results(results, code):
    """An absent measurement never passes, and a bad endpoint that passes is a failure."""
    assert exit_code(run(*results)) is code


def test_a_skip_is_a_failure_where_all_is_required():
    """CI installs every part, so nothing may be missing there."""
    skipped = run(result(Verdict.PASS), result(Verdict.SKIPPED))
    assert exit_code(skipped, require_all=True) is ExitCode.NOT_MEASURED


def test_an_interrupted_run_says_so():
    """Whatever was measured, the run is not whole."""
    assert exit_code(run(result(Verdict.PASS), interrupted=True)) is ExitCode.INTERRUPTED


def subject(expected, own_time_s=None):
    """One endpoint of a pair."""
    return Subject(Endpoint("e", "GET", "/"), Request("GET", "/"), expected, own_time_s)


def judgement(verdict, diagnosis, document=CheckState.PASS):
    """One opinion."""
    return Judgement(replace(NO_CHECKS, document=document), verdict, diagnosis, "")


def test_verdict_and_diagnosis_both_have_to_be_as_promised():
    """The right verdict for the wrong reason is wrong."""
    right = judgement(Verdict.FAIL, Diagnosis.BLOCKING_IO)
    wrong = judgement(Verdict.FAIL, Diagnosis.SERIALIZED)
    assert as_expected(subject(BLOCKS), right) is True
    assert as_expected(subject(BLOCKS), wrong) is False
    assert as_expected(subject(None), right) is None
    assert as_expected(subject(BLOCKS), judgement(Verdict.SKIPPED, Diagnosis.SKIPPED)) is None


@pytest.mark.parametrize(
    ("expected", "document", "agrees"),
    [
        (FREE, CheckState.PASS, True),
        (FREE, CheckState.FAIL, False),
        (FREE, CheckState.BLIND, False),
        (BLOCKS, CheckState.FAIL, True),
        (BLOCKS, CheckState.PASS, False),
    ],
)
def test_where_the_work_takes_a_second_the_document_has_to_agree(expected, document, agrees):
    """The reference documentation's assertion is the pass criterion of its own examples."""
    found = judgement(expected.verdict, expected.diagnosis, document)
    assert as_expected(subject(expected, own_time_s=1.0), found) is agrees


def test_variants_have_to_answer_the_same(canned_measurement):
    """No variant can be fast by doing nothing."""
    paired = replace(
        result(Verdict.PASS, FREE, as_expected=True),
        endpoint=Endpoint("p/good", "GET", "/", pair="p", variant="good"),
    )
    good = replace(
        paired,
        measurement=replace(canned_measurement, answers=("a",)),
    )
    other = replace(good, measurement=replace(canned_measurement, answers=("b",)))
    wavering = replace(good, measurement=replace(canned_measurement, answers=("a", "b")))
    assert [r.as_expected for r in hold_answers([good, good])] == [True, True]
    assert [r.as_expected for r in hold_answers([good, other])] == [True, False]
    assert [r.as_expected for r in hold_answers([good, wavering])] == [True, False]
    assert hold_answers([result(Verdict.SKIPPED)])[0].as_expected is None
    alone = replace(other, endpoint=Endpoint("e", "GET", "/"))
    assert [r.as_expected for r in hold_answers([good, alone])] == [True, True]


@pytest.fixture
def canned_measurement():
    """Figures of a free endpoint."""
    return measured(solo(1.0), burst_round(parallel(1.0)))
