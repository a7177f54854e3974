"""Thousands of made-up measurements in; what is true of every verdict, out.

The seed is fixed, so that a run finds what the last one found.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import pytest
from builders import GATHER, burst_round, judged, measured, pool, solo, stall

from neverblock.analysis.demands import demands_of
from neverblock.analysis.harm import contradicts, harms
from neverblock.analysis.judge import judge
from neverblock.model import Diagnosis, Machine, Ping, Verdict
from neverblock.result import Criterion

COUNT = 2000
MORE = (1.1, 1.5, 3.0, 20.0)
HELD = frozenset({Diagnosis.BLOCKING_IO, Diagnosis.BLOCKING_CPU, Diagnosis.GIL_HELD})


def some(random, *, up_to, rarely=0.5):
    """Give nothing, or a figure of any order of magnitude up to this."""
    return 0.0 if random.random() < rarely else up_to * 10 ** random.uniform(-3, 0)


def stalls(random, starts_s, most_s):
    """Give much the same stall after each of some instants, or none at all.

    Its length is split among all that can take a loop's time.
    """
    names = ("on_cpu_s", "off_cpu_s", "gil_s", "starved_s")
    cuts = [random.random() if random.random() < 0.4 else 0.0 for _ in names]
    share = {name: cut / (sum(cuts) or 1.0) for name, cut in zip(names, cuts, strict=True)}
    held = share["gil_s"] * random.random()
    length_s = some(random, up_to=most_s)
    lengths_s = [length_s * random.uniform(0.8, 1.2) for _ in starts_s]
    return [
        stall(at, s, **{name: s * part for name, part in share.items()}, gil_held_s=s * held)
        for at, s in zip(starts_s, lengths_s, strict=True)
    ]


def made_up(random):
    """Make a measurement in which anything may have taken the time, consistent or not."""
    own_s = 10 ** random.uniform(-3, 1)
    n = random.choice((2, 10, 50))
    queue = some(random, up_to=own_s * n, rarely=0.8)
    wall_s = own_s * random.uniform(1.0, random.choice((1.5, 3.0, n + 1.0)))
    # Six threads cannot have done more than they have time for.
    work_s = min(own_s, 6 * wall_s / n) * random.random()
    pools = (pool(held_s=3 * work_s, queued_s=queue, waiting=3),)
    alone = solo(own_s, *stalls(random, [i * (own_s + 1) for i in range(3)], own_s), pools=pools)
    cpu_s = some(random, up_to=wall_s)
    process_s = cpu_s + some(random, up_to=2 * wall_s)
    wait_s = some(random, up_to=wall_s, rarely=0.2)
    burst = burst_round(
        [wall_s] * n,
        *stalls(random, [100 + wall_s * i / n for i in range(n)], wall_s / n),
        cpu_s=process_s + some(random, up_to=wall_s),
        floor_s=some(random, up_to=0.02),
        machine=Machine(
            some(random, up_to=0.5, rarely=0.8),
            random.choice((None, 0.0, random.random())),
            random.choice((None, 0.0, wall_s * random.random())),
            some(random, up_to=wall_s, rarely=0.8),
            random.choice((None, wall_s * random.random())),
        ),
        pings=(Ping(100.0, 100.0 + wait_s, ok=True),),
        lag_s=some(random, up_to=0.1, rarely=0.8),
        loop_cpu_s=cpu_s,
        client_cpu_s=some(random, up_to=wall_s, rarely=0.8),
        process_cpu_s=process_s,
        busy_s=min(wall_s, process_s),
        beats=int(wall_s * 100),
        pools=pools,
    )
    if random.random() < 0.2:
        frozen_s = own_s * random.choice((0.01, 1.0))
        waits = [Ping(r.sent_s, r.sent_s + frozen_s, ok=True) for r in alone.records]
        quick = [Ping(r.done_s + 0.1, r.done_s + 0.101, ok=True) for r in alone.records]
        alone = replace(alone, trace=None, pings=(*waits, *quick))
        burst = replace(burst, trace=None, server_cpu_s=None)
    crowd = replace(GATHER, n=n, duration_s=wall_s) if random.random() < 0.2 else GATHER
    return measured(alone, burst, scenario=crowd)


def short_waits(random):
    """Make a measurement in which many short waits add up, which chance makes too seldom."""
    own_s, held_s, n = random.uniform(0.5, 2.0), random.uniform(0.01, 0.045), 50
    alone = [stall(i * (own_s + 1), held_s, off_cpu_s=held_s) for i in range(3)]
    together = [stall(100 + i * held_s, held_s, off_cpu_s=held_s) for i in range(n)]
    pings = (Ping(100.0, 100.0 + held_s * random.randint(1, n), ok=True),)
    burst = burst_round([own_s + n * held_s] * n, *together, pings=pings)
    return measured(solo(own_s, *alone), burst)


@cache
def measurements():
    """Make them once in all."""
    random = Random(20260130)  # noqa: S311 - figures, no secret
    seldom = [short_waits(random) for _ in range(COUNT // 50)]
    return seldom + [made_up(random) for _ in range(COUNT)]


def verdicts_of(figures):
    """Give how often each diagnosis is made of some figures."""
    found = [judge(one, Criterion()).diagnosis for one in figures]
    return {diagnosis: found.count(diagnosis) for diagnosis in set(found)}


def test_what_is_made_up_is_of_every_kind():
    """A property of measurements that are all alike would say little."""
    counts = verdicts_of(measurements())
    assert set(counts) == set(Diagnosis) - {Diagnosis.ERRORING, Diagnosis.SKIPPED}
    assert min(counts.values()) >= COUNT / 300
    assert COUNT / 10 < sum(harms(one, Criterion()) for one in measurements()) < 9 * COUNT / 10


@pytest.mark.parametrize("limit_s", [0.01, 0.05, 0.2])
def test_no_verdict_contradicts_the_harm(limit_s):
    """Where others waited beyond the limit, nothing calls the loop free; a failure has a fault."""
    criterion = Criterion(loop_limit_s=limit_s)
    for figures in measurements():
        found = judged(figures, judgement=judge(figures, criterion))
        assert contradicts(found, criterion) is None, figures
        assert (found.judgement.diagnosis is Diagnosis.CONCURRENT) <= (
            not harms(figures, criterion)
        )


@pytest.mark.parametrize("factor", MORE)
def test_a_longer_wall_turns_no_failure_into_a_pass(factor):
    """All that was seen but the wall being the same."""
    for figures in failing():
        longer = replace(figures, wall_s=figures.wall_s * factor)
        longer = replace(longer, efficiency=figures.efficiency / factor)
        assert verdict_of(longer) is not Verdict.PASS, (figures, factor)


@pytest.mark.parametrize("factor", MORE)
@pytest.mark.parametrize("name", ["waiting_s", "longest_computing_s", "longest_gil_held_s"])
def test_a_longer_hold_turns_no_held_loop_into_a_pass(name, factor):
    """Whichever of the requests and rounds it is seen in."""
    for figures in failing(HELD):
        loop = figures.loop
        each, rounds = (
            tuple(replace(held, **{name: getattr(held, name) * factor}) for held in holds)
            for holds in (loop.each, loop.rounds)
        )
        longer = replace(figures, loop=replace(loop, each=each, rounds=rounds))
        longer = replace(longer, demands=demands_of(longer))
        assert verdict_of(longer) is not Verdict.PASS, (figures, name, factor)


@pytest.mark.parametrize("factor", MORE)
def test_what_others_wait_turns_no_failure_into_a_pass(factor):
    """Nor a pass into the word that the loop is free."""
    for figures in measurements():
        canary = replace(figures.canary, longest_s=figures.canary.longest_s * factor)
        before = judge(figures, Criterion())
        after = judge(replace(figures, canary=canary), Criterion())
        assert (before.verdict, after.verdict) != (Verdict.FAIL, Verdict.PASS), (figures, factor)
        if after.diagnosis is Diagnosis.CONCURRENT:
            assert before.diagnosis is Diagnosis.CONCURRENT, (figures, factor)


@cache
def failing(diagnoses=frozenset(Diagnosis)):
    """Give the measurements that fail, by one of some diagnoses."""
    found = ((one, judge(one, Criterion())) for one in measurements())
    return [one for one, how in found if how.verdict is Verdict.FAIL and how.diagnosis in diagnoses]


def verdict_of(figures):
    """Judge by the usual limits."""
    return judge(figures, Criterion()).verdict
