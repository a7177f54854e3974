"""Several measurements of one endpoint."""

from __future__ import annotations

from dataclasses import replace

import pytest
from canned import canned_run

from neverblock.analysis.consensus import agreed
from neverblock.model import Diagnosis, Verdict


@pytest.fixture
def result():
    """Give a result that fails."""
    return next(r for r in canned_run().results if r.judgement.verdict is Verdict.FAIL)


def test_one_measurement_is_left_as_it_is(result):
    """There is nothing to agree with."""
    assert agreed([result]) is result


def test_measurements_that_agree_keep_their_verdict(result):
    """The last stands for all, and says how many there were."""
    made = agreed([result] * 3)
    assert made.judgement.diagnosis is result.judgement.diagnosis
    assert made.blame == result.blame
    assert any("all of 3" in note for note in made.judgement.notes)


def test_measurements_that_do_not_agree_are_inconclusive(result):
    """Nobody is blamed, and the votes are told."""
    other = replace(result, judgement=replace(result.judgement, diagnosis=Diagnosis.CONCURRENT))
    made = agreed([result, other, result])
    assert made.judgement.verdict is Verdict.INCONCLUSIVE
    assert made.blame == ()
    assert f"2 x {result.judgement.diagnosis}" in made.judgement.reason
