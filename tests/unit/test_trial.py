"""Rounds in; when there are enough of them, and what they come to, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, parallel, serial, solo, stall

from neverblock.analysis.trial import DISCARDS, MORE_ROUNDS, ROUNDS, Trial, joined
from neverblock.measurement import Executors
from neverblock.model import Diagnosis, Endpoint, Machine, Ping, Request, Scenario, Verdict
from neverblock.plan import Subject
from neverblock.result import Criterion

GATHER = Scenario("gather", "gather", "gather")
STOLEN = Machine(steal=0.5, busy=0.0)


def course(alone, scenario=GATHER):
    """Give an endpoint that was asked alone, and has not been burst at yet."""
    subject = Subject(Endpoint("e", "GET", "/"), Request("GET", "/"))
    return Trial(subject, scenario, alone, Criterion(), 2, 0.05)


def computing(*held_s, since_s=0.0):
    """Give solo requests of 200 ms which computed for so long each."""
    stalls = (stall(since_s + i * 1.2, held, on_cpu_s=held) for i, held in enumerate(held_s))
    return solo(0.2, *stalls, k=len(held_s), since_s=since_s)


@pytest.mark.parametrize(("own_s", "rounds"), [(1.0, 1), (0.1, 1), (0.099, ROUNDS)])
def test_short_endpoints_are_burst_at_several_times(own_s, rounds):
    """Noise of a few milliseconds is nothing to a second."""
    found = course(solo(own_s))
    for _ in range(rounds):
        assert not found.done
        found.take(burst_round(parallel(own_s)))
    assert found.done
    assert found.result().judgement.verdict is Verdict.PASS
    assert found.result().judgement.notes[-1:] != ("measured again 0 times",)


def test_a_crowd_comes_once():
    """It lasts for seconds, whatever an endpoint's own time is."""
    found = course(solo(0.01), replace(GATHER, duration_s=3.0))
    found.take(burst_round(parallel(0.01)))
    assert found.done


def test_a_clear_failure_is_measured_once():
    """A blocking endpoint costs no round more than it has to."""
    found = course(computing(0.2, 0.2, 0.2))
    found.take(burst_round(serial(0.2)))
    assert found.done
    assert found.result().judgement.diagnosis is Diagnosis.BLOCKING_CPU


def test_what_is_near_is_measured_until_it_is_clear():
    """Three more requests of one kind settle it, and that they were asked is told."""
    found = course(computing(0.049, 0.06, 0.06))
    found.take(burst_round(parallel(0.2)))
    assert (found.done, found.near) == (False, "computes on the loop for 49 to 60 ms")
    found.take_solo(computing(0.06, 0.06, 0.06, since_s=200.0))
    found.take(burst_round(parallel(0.2)))
    assert (found.done, found.near) == (True, None)
    judgement = found.result().judgement
    assert judgement.diagnosis is Diagnosis.BLOCKING_CPU
    assert judgement.notes[-1] == "measured again 1 times, as it was near a limit"


def test_what_stays_near_is_inconclusive_and_says_what():
    """After so many rounds nobody knows, and nobody guesses."""
    found = course(computing(0.049, 0.06, 0.049))
    rounds = 0
    while not found.done:
        found.take(burst_round(parallel(0.2)))
        rounds += 1
        found.take_solo(computing(0.06, 0.049, 0.06, 0.049, since_s=rounds * 200.0))
    assert rounds == 1 + MORE_ROUNDS
    result = found.result()
    assert result.judgement.verdict is Verdict.INCONCLUSIVE
    assert result.judgement.reason == (
        "Too near a limit to tell, measured again 4 times: computes on the loop for 49 to 60 ms."
    )
    assert result.measurement.walls_s == (pytest.approx(0.204),) * 5
    assert result.blame == ()


def test_the_budget_is_one_of_time_as_well():
    """A burst of 20 s is not repeated four times."""
    found = course(solo(10.0))
    found.take(burst_round([25.0] * 10))
    assert not found.done
    found.take_solo(solo(10.0))
    found.take(burst_round([35.0] * 10))
    assert found.done
    assert found.result().judgement.verdict is Verdict.INCONCLUSIVE


def test_one_burst_that_was_a_little_too_long_accuses_nobody():
    """A machine that paused for a second makes one, and the next one acquits."""
    found = course(solo(1.0))
    found.take(burst_round([2.1] * 10))
    assert not found.done
    found.take(burst_round(parallel(1.0)))
    assert found.done
    assert found.result().judgement.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("starved_s", "kept"), [(None, 0), (0.0, 1), (7.9, 1), (8.1, 0), (10.0, 0), (90.0, 0)]
)
def test_a_wall_too_long_without_the_waits_for_a_core_counts_on_a_busy_machine(starved_s, kept):
    """Ten requests one by one take ten seconds, of which two would be few enough to acquit."""
    found = course(solo(1.0))
    found.take(burst_round(serial(1.0), machine=Machine(0.0, 0.7, starved_s)))
    assert (len(found.rounds), len(found.thrown_away)) == (kept, 1 - kept)


@pytest.mark.parametrize(("starved_s", "kept"), [(0.09, 1), (0.11, 0)])
def test_an_overlap_too_long_for_the_reference_documentation_counts_by_the_same_rule(
    starved_s, kept
):
    """Its two seconds are the limit then, which a queue of the same length has long failed."""
    overlapping, queueing = course(solo(2.0)), course(solo(0.2))
    for found in overlapping, queueing:
        found.take(burst_round([2.1] * 10, machine=Machine(0.0, 0.7, starved_s)))
    assert (len(overlapping.rounds), len(queueing.rounds)) == (kept, 1)


@pytest.mark.parametrize(
    ("loop_cpu_s", "busy", "kept"), [(3.4, 0.5, 0), (3.6, 0.5, 1), (3.4, 0.2, 1), (3.4, 0.7, 0)]
)
def test_a_loop_that_hardly_had_a_core_is_not_said_to_compute(loop_cpu_s, busy, kept):
    """Of five seconds it waited three and a half for one, which others had."""
    starved = stall(100, 3.5, starved_s=3.5, on_cpu_s=0.0, stacks=())
    found = course(solo(1.0))
    found.take(
        burst_round(
            [5.0] * 10,
            starved,
            cpu_s=loop_cpu_s,
            loop_cpu_s=loop_cpu_s,
            machine=Machine(steal=0.0, busy=busy),
        )
    )
    assert (len(found.rounds), len(found.thrown_away)) == (kept, 1 - kept)


def test_spoiled_rounds_are_thrown_away_and_counted():
    """After so many the verdict is inconclusive, never a guess."""
    found = course(solo(1.0))
    for at in range(DISCARDS):
        assert not found.done
        found.take(burst_round([3.0 + at] * 10, machine=STOLEN))
    assert found.done
    result = found.result()
    assert result.judgement.verdict is Verdict.INCONCLUSIVE
    assert len(result.measurement.discarded) == DISCARDS


def test_a_spoiled_round_may_acquit_and_prove_what_the_probe_saw():
    """Noise only ever adds time, and the machine's part is taken out of a stall."""
    found = course(solo(1.0))
    found.take(burst_round(parallel(1.0), machine=STOLEN))
    assert (found.done, found.result().judgement.verdict) == (True, Verdict.PASS)
    found = course(computing(0.2, 0.2, 0.2))
    found.take(burst_round(serial(0.2), machine=STOLEN))
    assert (found.done, found.result().judgement.verdict) == (True, Verdict.FAIL)


def test_a_spoiled_round_bears_out_a_wall_that_it_did_not_make():
    """A queue that was as long in rounds that the machine spoiled is no hiccup of one of them."""
    found = course(solo(1.0))
    found.take(burst_round([3.9] * 10))
    assert not found.done
    found.take(burst_round([3.95] * 10, machine=STOLEN))
    assert found.done
    assert found.result().judgement.diagnosis is Diagnosis.SERIALIZED


def test_a_failure_to_fire_ends_a_course():
    """What was near then stays so."""
    found = course(computing(0.049, 0.06, 0.049))
    found.take(burst_round(parallel(0.2)))
    found.failure = "the engine died"
    assert found.done
    assert found.result().judgement.verdict is Verdict.INCONCLUSIVE


def test_nothing_fired_is_an_error():
    """An absent measurement never passes."""
    found = course(solo(1.0))
    found.failure = "the engine died"
    assert found.result().judgement.verdict is Verdict.ERROR


def test_two_series_of_solo_requests_become_one():
    """What was seen of each is kept, and what was lost in the first ended with it."""
    first, more = computing(0.01, 0.02, 0.03), computing(0.04, 0.05, 0.06, since_s=9.0)
    first = replace(first, pings=(Ping(0.0, None, ok=False), Ping(0.1, 0.2, ok=True)), warm_up_s=9)
    first = replace(first, trace=replace(first.trace, complaint="late", gc_s=0.5))
    queue = Executors(default_queued=1)
    more = replace(more, trace=replace(more.trace, armed=False, executors=queue, gc_s=0.25))
    both = joined(first, more)
    assert [record.seq for record in both.records] == list(range(6))
    assert both.warm_up_s == 9
    assert both.pings[0] == Ping(0.0, first.records[-1].done_s, ok=False)
    assert both.trace.stalls == (*first.trace.stalls, *more.trace.stalls)
    assert (both.trace.armed, both.trace.complaint) == (False, "late")
    assert (both.trace.executors, both.trace.gc_s) == (queue, 0.75)
    assert joined(replace(first, trace=None), more).trace is None
