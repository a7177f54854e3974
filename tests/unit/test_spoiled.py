"""Which results are measured again where others were measured beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, judged, measured, parallel, result, serial, solo

from neverblock.analysis.judge import inconclusive, judge
from neverblock.model import CheckState, Verdict
from neverblock.result import Criterion

FREE = judged(measured(solo(1.0), burst_round(parallel(1.0))))


def test_what_passes_in_time_is_not_spoiled():
    """Noise makes nothing faster."""
    assert FREE.judgement.verdict is Verdict.PASS
    assert not FREE.spoiled


@pytest.mark.parametrize(("limit_s", "may_be"), [(1.01, True), (0.5, False)])
def test_what_passes_but_for_the_documents_limit_may_be_spoiled(limit_s, may_be):
    """Alone it may have kept it, if one of its requests does."""
    late = measured(solo(1.0), burst_round(parallel(1.0)), limit_s=limit_s)
    found = judge(late, Criterion(document_limit_s=limit_s))
    assert (found.verdict, found.checks.document) == (Verdict.PASS, CheckState.FAIL)
    assert replace(FREE, measurement=late, judgement=found).spoiled is may_be


def test_what_says_nothing_may_be_spoiled_where_it_was_measured():
    """For whatever reason; what could not be measured at all can be no better alone."""
    unknown = replace(FREE, judgement=inconclusive("too near a limit to tell"))
    assert unknown.spoiled
    assert not replace(unknown, measurement=None).spoiled


@pytest.mark.parametrize("verdict", [Verdict.SKIPPED, Verdict.ERROR])
def test_what_was_not_measured_is_not_spoiled(verdict):
    """It is not there, or does not answer, with company or without."""
    assert not result(verdict).spoiled


def test_what_fails_is_not_spoiled():
    """What noise can make is kept out of a failure before."""
    failing = judged(measured(solo(1.0), burst_round(serial(1.0))))
    assert failing.judgement.verdict is Verdict.FAIL
    assert not failing.spoiled
