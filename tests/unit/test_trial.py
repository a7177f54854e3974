"""Rounds in; when there are enough of them, and what they come to, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import GATHER, SLEEP, burst_round, parallel, pool, serial, solo, stall, trace

from neverblock.analysis.trial import MORE_ROUNDS, MORE_S, Trial, joined, joined_pools
from neverblock.measurement import Executors
from neverblock.model import Diagnosis, Endpoint, Machine, Ping, Request, Verdict
from neverblock.plan import Subject
from neverblock.result import Criterion


def trial(alone):
    """Give an endpoint that was asked alone, and has not been burst at yet."""
    subject = Subject(Endpoint("e", "GET", "/"), Request("GET", "/"))
    return Trial(subject, GATHER, alone, Criterion(), 2, 0.05)


def computing(*held_s, since_s=0.0):
    """Give solo requests of 200 ms which computed for so long each."""
    stalls = (stall(since_s + i * 1.2, held, on_cpu_s=held) for i, held in enumerate(held_s))
    return solo(0.2, *stalls, k=len(held_s), since_s=since_s)


@pytest.mark.parametrize("own_s", [1.0, 0.01])
def test_what_is_clear_is_burst_at_once(own_s):
    """Noise only ever adds time: what overlaps needs no second round."""
    found = trial(solo(own_s))
    assert not found.done
    found.take(burst_round(parallel(own_s)))
    assert found.done
    judgement = found.result().judgement
    assert judgement.verdict is Verdict.PASS
    assert not any("measured again" in note for note in judgement.notes)


def test_a_clear_failure_is_measured_once():
    """A blocking endpoint costs no round more than it has to."""
    found = trial(computing(0.2, 0.2, 0.2))
    found.take(burst_round(serial(0.2)))
    assert found.done
    result = found.result()
    assert result.judgement.diagnosis is Diagnosis.BLOCKING_CPU
    assert [(place.line, place.held_s) for place in result.blame] == [
        (SLEEP.line, pytest.approx(0.6 / 13))
    ]


def test_what_is_doubtful_is_measured_until_it_is_clear():
    """Three more requests of one kind settle it, and that they were asked is told."""
    found = trial(computing(0.049, 0.06, 0.06))
    found.take(burst_round(parallel(0.2)))
    assert (found.done, found.unsettled) == (False, True)
    found.take_solo(computing(0.06, 0.06, 0.06, since_s=200.0))
    found.take(burst_round(parallel(0.2)))
    assert (found.done, found.unsettled) == (True, False)
    judgement = found.result().judgement
    assert judgement.diagnosis is Diagnosis.BLOCKING_CPU
    assert judgement.notes[-1] == "measured again once, as it was near a limit"


def test_a_burst_that_the_machine_may_have_drawn_out_is_fired_again():
    """It passes either way; what limits it is told by a round with less noise."""
    alone, computed = solo(0.1), {"cpu_s": 0.3, "loop_cpu_s": 0.03, "process_cpu_s": 0.3}
    noisy = Machine(0.0, 0.9, starved_s=4.0)
    found = trial(alone)
    found.take(burst_round([0.35] * 10, machine=noisy, **computed))
    assert (found.done, found.unsettled) == (False, True)
    assert found.result().judgement.verdict is Verdict.PASS
    found.take_solo(solo(0.1, since_s=200.0))
    found.take(burst_round([0.25] * 10, **computed))
    assert (found.done, found.unsettled) == (True, False)
    assert found.result().judgement.diagnosis is Diagnosis.CPU_BOUND


def test_what_stays_doubtful_is_inconclusive_and_says_what():
    """After so many rounds nobody knows, and nobody guesses."""
    found = trial(computing(0.049, 0.06, 0.049))
    rounds = 0
    while not found.done:
        found.take(burst_round(parallel(0.2)))
        rounds += 1
        found.take_solo(computing(0.06, 0.049, 0.06, 0.049, since_s=rounds * 200.0))
    assert rounds == 1 + MORE_ROUNDS
    result = found.result()
    assert result.judgement.verdict is Verdict.INCONCLUSIVE
    assert result.judgement.reason == (
        "Too near a limit to tell: computes on the loop for 49 to 60 ms at once."
    )
    assert result.judgement.notes[-1] == "measured again 4 times, as it was near a limit"
    assert result.measurement.walls_s == (pytest.approx(0.204),) * 5
    assert result.blame == ()


def test_the_budget_is_one_of_time_as_well():
    """A burst of 29 s on a busy machine is repeated once, and no more."""
    busy = Machine(steal=0.0, busy=0.5, starved_s=1.0)
    found = trial(solo(10.0))
    found.take(burst_round([25.0] * 10, machine=busy, cpu_s=1.0))
    assert not found.done
    found.take(burst_round([MORE_S - 1.0] * 10, machine=busy, cpu_s=1.0))
    assert not found.done
    found.take_solo(solo(1.0, since_s=300.0))
    assert found.done
    assert found.result().judgement.verdict is Verdict.INCONCLUSIVE


def test_one_burst_that_was_too_long_accuses_nobody_on_a_busy_machine():
    """A machine that paused for a second makes one, and the next one acquits."""
    found = trial(solo(1.0))
    found.take(burst_round([2.5] * 10, machine=Machine(0.0, 0.4, 1.0), cpu_s=1.0))
    assert not found.done
    found.take(burst_round(parallel(1.0)))
    assert found.done
    assert found.result().judgement.verdict is Verdict.PASS


def test_noise_acquits_and_proves_what_the_probe_saw():
    """It only ever adds time, and the machine's part is taken out of a stall."""
    stolen = Machine(steal=0.5, busy=0.0)
    found = trial(solo(1.0))
    found.take(burst_round(parallel(1.0), machine=stolen))
    assert (found.done, found.result().judgement.verdict) == (True, Verdict.PASS)
    found = trial(computing(0.2, 0.2, 0.2))
    found.take(burst_round(serial(0.2), machine=stolen))
    assert (found.done, found.result().judgement.verdict) == (True, Verdict.FAIL)


@pytest.mark.parametrize(
    "unlike", [{"trace": None}, {"trace": trace(armed=False)}], ids=["no probe", "not armed"]
)
def test_what_nobody_watched_is_not_measured_again(unlike):
    """Another round would show no more."""
    found = trial(replace(computing(0.049, 0.06, 0.06), **unlike))
    found.take(replace(burst_round(parallel(0.2)), **unlike))
    assert (found.done, found.unsettled) == (True, False)


def test_an_endpoint_that_fails_is_not_measured_again():
    """An error is no figure."""
    found = trial(computing(0.049, 0.06, 0.06))
    burst = burst_round(parallel(0.2))
    failed = tuple(replace(record, status=500) for record in burst.burst.records)
    found.take(replace(burst, burst=replace(burst.burst, records=failed)))
    assert found.done
    assert found.result().judgement.verdict is Verdict.ERROR


def test_a_failure_to_fire_ends_a_trial():
    """What was doubtful then stays so."""
    found = trial(computing(0.049, 0.06, 0.049))
    found.take(burst_round(parallel(0.2)))
    found.failure = "the engine died"
    assert found.done
    assert found.result().judgement.verdict is Verdict.INCONCLUSIVE


def test_nothing_fired_is_an_error():
    """An absent measurement never passes."""
    found = trial(solo(1.0))
    found.failure = "the engine died"
    assert found.result().judgement.verdict is Verdict.ERROR
    assert "the engine died" in found.result().judgement.reason


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


def test_the_sums_of_two_series_are_added():
    """CPU time, and the time for which anything computed."""
    first, more = (
        solo(1.0, since_s=since_s, loop_cpu_s=0.1, process_cpu_s=0.2, busy_s=0.15, pools=(pool(),))
        for since_s in (0.0, 100.0)
    )
    both = joined(first, more).trace
    sums = (both.loop_cpu_s, both.process_cpu_s, both.busy_s, both.pools[0].held_s)
    assert sums == pytest.approx((0.2, 0.4, 0.3, 6.0))
    assert both.from_s == first.trace.from_s


def test_what_two_windows_saw_of_a_pool_is_one():
    """Times are added, the longest queue is kept, and a pool of one window is as it was."""
    first = (pool(held_s=1.0, queued_s=0.5, waiting=4), pool("anyio-tokens"))
    more = (pool(held_s=2.0, queued_s=0.25, waiting=2), pool("thread-pool"))
    assert joined_pools(first, more) == (
        pool(held_s=3.0, queued_s=0.75, waiting=4),
        pool("anyio-tokens"),
        pool("thread-pool"),
    )
