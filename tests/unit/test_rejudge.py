"""A saved run and other limits in; the same run, judged by them, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, judged, measured, parallel, result, run, serial, solo, stall

from neverblock.analysis.expectation import as_expected
from neverblock.analysis.judge import inconclusive
from neverblock.analysis.rejudge import rejudge
from neverblock.analysis.trial import Trial
from neverblock.errors import UsageError
from neverblock.model import (
    CheckState,
    Diagnosis,
    Endpoint,
    Expectation,
    Ping,
    Request,
    Verdict,
)
from neverblock.plan import Subject
from neverblock.result import Criterion
from neverblock.storage.run_file import from_json, to_json

STRICT = Criterion(loop_limit_s=0.01)
COMPUTES = Expectation(Verdict.FAIL, Diagnosis.BLOCKING_CPU)
FREE = Expectation(Verdict.PASS, Diagnosis.CONCURRENT)


def computing(held_s, **more):
    """Give a result that computes on the loop for so long in each request."""
    alone = solo(0.1, *(stall(i * 1.1, held_s, on_cpu_s=held_s) for i in range(3)))
    stalls = (stall(100 + i / 10, held_s, on_cpu_s=held_s) for i in range(10))
    pings = (Ping(100.0, 100.0 + 1.5 * held_s, ok=True),)
    found = burst_round(parallel(0.1), *stalls, pings=pings, loop_cpu_s=10 * held_s)
    return replace(judged(measured(alone, found), **more), records=found.burst.records)


def again(found, criterion=STRICT):
    """Give one result as it is judged by other limits."""
    (judged_again,) = rejudge(run(found), criterion).results
    return judged_again


def test_other_limits_give_another_verdict_without_a_request():
    """20 ms of computing pass at 50 ms and fail at 10."""
    passing = computing(0.02)
    assert passing.judgement.verdict is Verdict.PASS
    failing = again(passing)
    assert (failing.judgement.verdict, failing.judgement.diagnosis) == (
        Verdict.FAIL,
        Diagnosis.BLOCKING_CPU,
    )
    assert rejudge(run(passing), STRICT).criterion == STRICT


def test_the_same_limits_change_nothing():
    """Judging is pure: what was saved is all that it needs."""
    saved = run(computing(0.02), computing(0.06), result(Verdict.SKIPPED))
    assert rejudge(saved, saved.criterion) == saved
    assert rejudge(from_json(to_json(saved)), saved.criterion) == saved


@pytest.mark.parametrize("version", [1, 2])
def test_a_run_of_an_earlier_format_is_not_judged_by_other_limits(version):
    """It lacks what each request held and needed; its own verdicts still stand."""
    with pytest.raises(UsageError, match=rf"earlier neverblock \(format {version}\)") as caught:
        rejudge(run(computing(0.02), format_version=version), STRICT)
    assert caught.value.hint.startswith("Measure again")


def test_what_a_new_judgement_needs_is_saved():
    """Demands and the holds of each request come back from the file."""
    saved = from_json(to_json(run(computing(0.02))))
    assert rejudge(saved, STRICT).results[0].judgement == again(computing(0.02)).judgement


def test_what_is_newly_found_has_its_line():
    """The stalls of the burst are saved, and with them who held the loop."""
    (place,) = again(computing(0.02)).blame
    assert (place.file, place.line) == ("/app/db.py", 41)
    assert place.held_s == pytest.approx(0.02)


def test_what_is_found_no_more_blames_nobody():
    """And comes back to be blamed where the limit does."""
    failing = again(computing(0.02))
    assert again(failing, Criterion()).blame == ()


def test_who_was_blamed_for_the_same_stays_blamed():
    """The run blamed from more than it saved, and located the lines."""
    failing = computing(0.06)
    located = replace(failing, blame=again(computing(0.02)).blame)
    assert again(located).blame == located.blame


def test_what_others_suffered_is_measured_by_the_new_limit():
    """A ping of 30 ms was no wait at 50 ms, and is one at 10."""
    passing = computing(0.02)
    assert passing.measurement.canary.share == 0.0
    assert again(passing).measurement.canary.share == pytest.approx(0.03 / 0.102)


def test_an_answer_that_was_right_stays_right():
    """The endpoint was said to answer 404, and the run does not tell who said so."""
    teapot = computing(0.02)
    teapot = replace(teapot, measurement=replace(teapot.measurement, statuses={"404": 10}))
    assert again(teapot).judgement.verdict is Verdict.FAIL
    assert again(teapot, Criterion()).judgement.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "found",
    [
        result(Verdict.ERROR),
        result(Verdict.SKIPPED),
        replace(computing(0.02), judgement=inconclusive("every round was spoiled")),
    ],
)
def test_what_had_no_verdict_gets_none(found):
    """Other limits bring back no figure that was spoiled."""
    assert again(found) == found


def test_the_documents_limit_is_kept_where_it_was_not_scaled():
    """Work of unknown length keeps its 2 s at any scale, and both follow a new limit."""
    scaled = Criterion(document_limit_s=0.4)
    own = measured(solo(0.2), burst_round(parallel(0.2)))
    own, other = (judged(replace(own, limit_s=limit_s)) for limit_s in (0.4, 2.0))
    saved = run(own, replace(other, endpoint=Endpoint("f", "GET", "/")), criterion=scaled)
    kept = rejudge(saved, replace(scaled, loop_limit_s=0.01))
    assert [r.measurement.limit_s for r in kept.results] == [0.4, 2.0]
    assert [r.judgement.checks.document for r in kept.results] == [
        CheckState.PASS,
        CheckState.PASS,
    ]
    halved = rejudge(saved, Criterion(document_limit_s=0.2))
    assert [r.measurement.limit_s for r in halved.results] == [0.2, 1.0]
    assert halved.results[0].judgement.checks.document is CheckState.FAIL


@pytest.mark.parametrize(
    ("held_s", "expected", "was", "becomes"),
    [
        (0.02, FREE, True, False),
        (0.02, COMPUTES, False, True),
        (0.005, FREE, True, True),
        (0.005, FREE, False, False),
        (0.06, COMPUTES, True, True),
        (0.06, COMPUTES, False, False),
        (0.02, None, None, None),
    ],
)
def test_the_promise_is_held_against_the_new_verdict(held_s, expected, was, becomes):
    """Nothing that was wrong for another reason becomes right."""
    found = computing(held_s, expected=expected, as_expected=was)
    assert again(found).as_expected is becomes


def test_a_promise_does_not_hold_where_the_documents_check_turns():
    """The run does not tell whether its say was asked for, so that it is never dropped."""
    found = judged(measured(solo(0.2), burst_round(parallel(0.2))), expected=FREE, as_expected=True)
    assert again(found, Criterion(document_limit_s=0.1)).judgement.diagnosis is FREE.diagnosis
    assert again(found, Criterion(document_limit_s=0.1)).as_expected is False


def test_variants_that_answered_otherwise_still_do():
    """It is noted once, and the promise stays broken."""
    first = computing(0.02, expected=COMPUTES, as_expected=False)
    first = replace(first, endpoint=Endpoint("p/a", "GET", "/", "p", "a"))
    other = replace(first, endpoint=Endpoint("p/b", "GET", "/", "p", "b"))
    other = replace(other, measurement=replace(other.measurement, answers=("b",)))
    once = rejudge(run(first, other), STRICT)
    assert [r.as_expected for r in once.results] == [True, False]
    assert rejudge(once, STRICT) == once


def test_results_keep_their_order():
    """Scenarios may have been measured in turn."""
    crowd = replace(computing(0.02).scenario, name="crowd")
    results = [
        replace(computing(0.02, name=name), scenario=scenario)
        for name in "ba"
        for scenario in (crowd, computing(0.02).scenario)
    ]
    found = rejudge(run(*results), STRICT).results
    assert [(r.endpoint, r.scenario) for r in found] == [(r.endpoint, r.scenario) for r in results]


def test_a_trial_and_a_second_judgement_agree():
    """What a run says at once is what its saved figures say later."""
    subject = Subject(Endpoint("e", "GET", "/"), Request("GET", "/"), FREE)
    trial = Trial(subject, computing(0.1).scenario, solo(0.3), Criterion(), 2, 0.05)
    trial.take(burst_round(serial(0.3)))
    made = trial.result()
    assert again(made, Criterion()) == made
    assert made.as_expected is as_expected(subject, made.judgement)
