"""Figures without a probe in; what burst and canary alone can tell, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, serial, solo

from neverblock.analysis.black_box import diagnosis_from_outside, freeze_s, held_from_outside
from neverblock.analysis.judge import judge
from neverblock.model import CheckState, Diagnosis, Ping, Verdict
from neverblock.result import Checks, Criterion


def from_outside(own_s, walls, *, solo_wait_s=0.002, burst_wait_s=0.002):
    """Measure without a probe: what a ping waited during each solo request, and in the burst."""
    alone = solo(own_s)
    pings = tuple(Ping(r.sent_s, r.sent_s + solo_wait_s, ok=True) for r in alone.records)
    quick = tuple(Ping(r.done_s + 0.3, r.done_s + 0.302, ok=True) for r in alone.records * 2)
    burst = burst_round(walls)
    crowd = (Ping(100, 100 + burst_wait_s, ok=True), Ping(100.05, 100.052, ok=True))
    return measured(
        replace(alone, trace=None, pings=(*pings, *quick)),
        replace(burst, pings=crowd, trace=None, server_cpu_s=None),
    )


@pytest.mark.parametrize(
    ("figures", "verdict", "diagnosis"),
    [
        (from_outside(0.3, serial(0.3), solo_wait_s=0.3), Verdict.FAIL, Diagnosis.BLOCKING),
        (from_outside(0.02, serial(0.02), burst_wait_s=0.19), Verdict.FAIL, Diagnosis.BLOCKING),
        (from_outside(0.3, parallel(0.3)), Verdict.PASS, Diagnosis.CONCURRENT),
        (from_outside(0.3, serial(0.3)), Verdict.INCONCLUSIVE, Diagnosis.INCONCLUSIVE),
        (
            from_outside(1.0, parallel(1.0), burst_wait_s=0.4),
            Verdict.INCONCLUSIVE,
            Diagnosis.INCONCLUSIVE,
        ),
    ],
    ids=["frozen alone", "frozen in the burst", "free", "one by one", "unexplained"],
)
def test_from_outside_only_the_canary_can_accuse(figures, verdict, diagnosis):
    """A freeze with each request is proof; requests going one by one may have many reasons."""
    found = judge(figures, Criterion())
    assert (found.verdict, found.diagnosis) == (verdict, diagnosis)
    assert any("no probe" in note for note in found.notes)


def test_without_a_probe_and_without_pings_there_is_no_verdict():
    """An absent measurement never passes."""
    alone = replace(solo(1.0), trace=None)
    found = judge(measured(alone, burst_round(parallel(1.0))), Criterion())
    assert found.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("waited_s", "diagnosis"),
    [(0.051, Diagnosis.CONCURRENT), (0.06, Diagnosis.INCONCLUSIVE)],
)
def test_a_wait_beyond_the_limit_is_never_called_free(waited_s, diagnosis):
    """Not even one that is shorter than two pings are apart; the usual 2 ms are no part of it."""
    found = judge(from_outside(1.0, parallel(1.0), burst_wait_s=waited_s), Criterion())
    assert found.diagnosis is diagnosis
    assert ("free" in found.reason) is (diagnosis is Diagnosis.CONCURRENT)


def test_a_burst_that_is_over_within_the_limit_has_no_say_in_concurrency():
    """Nobody can have waited for longer than all of it."""
    found = judge(from_outside(0.001, [0.02] * 10), Criterion())
    assert found.checks == Checks(CheckState.BLIND, CheckState.NOT_APPLICABLE, CheckState.PASS)
    assert found.verdict is Verdict.PASS


def test_the_documents_assertion_needs_no_probe():
    """10 requests in less than 2 s, as the client sees them."""
    found = [judge(from_outside(1.0, [wall_s] * 10), Criterion()) for wall_s in (1.9, 2.5)]
    assert [each.checks.document for each in found] == [CheckState.PASS, CheckState.FAIL]


@pytest.mark.parametrize(
    ("figures", "held"),
    [
        (from_outside(0.3, parallel(0.3), solo_wait_s=0.051), False),
        (from_outside(0.3, parallel(0.3), solo_wait_s=0.053), True),
        (from_outside(0.2, [0.399] * 10, burst_wait_s=0.35), False),
        (from_outside(0.2, [0.4] * 10, burst_wait_s=0.35), True),
        (from_outside(0.2, [0.4] * 10, burst_wait_s=0.2), False),
        (from_outside(0.2, [0.4] * 10, burst_wait_s=0.21), True),
        (from_outside(0.02, [0.09] * 10, burst_wait_s=0.05), False),
        (replace(from_outside(0.2, [0.45] * 10, burst_wait_s=0.35), floor_s=0.1), False),
    ],
)
def test_a_loop_is_held_with_every_request_or_for_most_of_a_serial_burst(figures, held):
    """Beyond the limit, beyond twice one request, and for more than half of the burst."""
    assert held_from_outside(figures, Criterion()) is held


@pytest.mark.parametrize(
    ("solo_s", "solo_frozen_s", "frozen_s", "held"),
    [
        (0.5, 0.25, 0.0, False),
        (0.25, 0.0, 0.375, True),
        (0.125, 0.0, 0.25, False),
    ],
    ids=["a freeze alone of the limit", "just twice one request", "a freeze of the limit"],
)
def test_a_freeze_of_just_the_limit_is_within_it(solo_s, solo_frozen_s, frozen_s, held):
    """Here 250 ms, in a burst of 500 ms, of which it is the half as well."""
    figures = from_outside(0.3, serial(0.3))
    figures = replace(
        figures,
        solo_s=solo_s,
        solo_frozen_s=solo_frozen_s,
        wall_s=0.5,
        canary=replace(figures.canary, longest_s=frozen_s),
        solo_canary=replace(figures.solo_canary, median_s=0.0),
    )
    assert held_from_outside(figures, Criterion(loop_limit_s=0.25)) is held


def test_the_usual_wait_is_no_freeze():
    """It is taken off, and nothing is less than nothing."""
    assert freeze_s(from_outside(0.3, parallel(0.3), burst_wait_s=0.102)) == pytest.approx(0.1)
    assert freeze_s(from_outside(0.3, parallel(0.3), burst_wait_s=0.001)) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("concurrency", "loop", "diagnosis"),
    [
        (CheckState.PASS, CheckState.PASS, Diagnosis.CONCURRENT),
        (CheckState.NOT_APPLICABLE, CheckState.PASS, Diagnosis.CONCURRENT),
        (CheckState.FAIL, CheckState.PASS, Diagnosis.INCONCLUSIVE),
        (CheckState.PASS, CheckState.NOT_APPLICABLE, Diagnosis.INCONCLUSIVE),
        (CheckState.PASS, CheckState.FAIL, Diagnosis.BLOCKING),
        (CheckState.FAIL, CheckState.FAIL, Diagnosis.BLOCKING),
    ],
)
def test_two_checks_allow_one_diagnosis_or_none(concurrency, loop, diagnosis):
    """Only a held loop is proof; what may have several reasons is inconclusive."""
    assert diagnosis_from_outside(concurrency, loop) is diagnosis
