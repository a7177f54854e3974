"""What came out, held to what the reference app promises."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, result, solo

from neverblock.analysis.expectation import as_expected, hold_answers
from neverblock.analysis.judge import NO_CHECKS
from neverblock.model import CheckState, Diagnosis, Endpoint, Expectation, Request, Verdict
from neverblock.plan import Subject
from neverblock.result import Judgement

BLOCKS = Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO)
FREE = Expectation(Verdict.PASS, Diagnosis.CONCURRENT)


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
        result(Verdict.PASS, expected=FREE, as_expected=True),
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
    assert hold_answers(hold_answers([good, other])) == hold_answers([good, other])
    alone = replace(other, endpoint=Endpoint("e", "GET", "/"))
    assert [r.as_expected for r in hold_answers([good, alone])] == [True, True]


@pytest.fixture
def canned_measurement():
    """Figures of a free endpoint."""
    return measured(solo(1.0), burst_round(parallel(1.0)))
