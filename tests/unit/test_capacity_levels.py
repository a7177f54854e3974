"""Requests give a rate with an interval, and levels give a ceiling."""

from __future__ import annotations

from itertools import takewhile
from random import Random

import pytest
from levels import kink, level, served_in_step

from neverblock.analysis.capacity.level import Answer, level_of, percentile, rate_of
from neverblock.analysis.capacity.plateau import (
    failing,
    knee_between,
    plateau_of,
    steps,
    watched,
)
from neverblock.result.capacity import Beyond


@pytest.mark.parametrize("seed", range(40))
def test_the_rate_is_that_of_arithmetic_wherever_its_edges_are(seed):
    """Users n before servers c of D seconds each are answered at min(n, c) / D a second."""
    random = Random(seed)  # noqa: S311 - cases, no secret
    n, servers = random.randint(1, 40), random.randint(1, 20)
    own_s, from_s = random.uniform(0.01, 0.3), random.uniform(2.0, 3.0)
    cycles_s = 8 * own_s * max(1.0, n / servers)
    answers = served_in_step(n, servers, own_s, from_s + cycles_s + 2 * own_s * n / servers + 1)
    rate = rate_of(answers, from_s, from_s + cycles_s)
    assert rate.per_s == pytest.approx(min(n, servers) / own_s, rel=0.05)
    assert rate.low <= rate.per_s <= rate.high


def test_a_failed_request_is_no_capacity():
    """What fails fast would otherwise be the fastest of all."""
    answers = [Answer(t / 10, t / 10 + 0.1, ok=t % 2 == 0) for t in range(100)]
    found = level_of(answers, 1, 0.0, 10.0)
    assert found.rate_per_s == pytest.approx(5.0, rel=0.01)
    assert found.failures == 50
    assert found.requests == 100


def test_nothing_answered_is_no_rate():
    """Neither no request nor no time divides by nothing."""
    assert rate_of([], 0.0, 1.0).per_s == 0
    assert not rate_of([], 0.0, 1.0).sure
    assert rate_of([], 1.0, 1.0).per_s == 0
    assert level_of([], 3, 0.0, 1.0).p99_s == 0


@pytest.mark.parametrize("seed", range(40))
def test_a_percentile_is_a_value_that_was_seen(seed):
    """So large a share of all is no larger than it."""
    random = Random(seed)  # noqa: S311 - cases, no secret
    share = random.uniform(0.01, 1.0)
    ordered = sorted(random.uniform(0, 9) for _ in range(random.randint(1, 200)))
    found = percentile(ordered, share)
    assert found in ordered
    assert sum(value <= found for value in ordered) >= share * len(ordered) - 1e-6


def test_steps_rise_to_the_most():
    """They are those of the rabbits, and end at the most itself."""
    assert list(steps(10)) == [1, 2, 3, 5, 8, 10]
    assert list(steps(1)) == [1]
    assert list(takewhile(lambda n: n < 100, steps(1000)))[-1] == 89


@pytest.mark.parametrize("servers", range(1, 60))
def test_a_pool_gives_its_ceiling_and_its_knee(servers):
    """The ceiling of c servers of D seconds is c / D, reached with c requests at once."""
    own_s = 0.005 * servers
    at = [n for n in steps(1000) if n <= 6 * servers + 8]
    levels = kink(own_s, servers, *at)
    while (between := knee_between(levels, plateau_of(levels).at_n)) is not None:
        levels = sorted([*levels, *kink(own_s, servers, between)], key=lambda each: each.n)
    found = plateau_of(levels)
    assert found.per_s == pytest.approx(servers / own_s, rel=0.05)
    assert found.low <= found.per_s <= found.high
    assert 0.9 * servers - 1 <= found.at_n <= servers
    assert found.beyond is Beyond.FLAT
    assert found.sure


@pytest.mark.parametrize("seed", range(40))
def test_the_interval_agrees_with_the_levels_that_reach_the_ceiling(seed):
    """However they differ by noise, none of them lies outside of it."""
    random = Random(seed)  # noqa: S311 - cases, no secret
    levels = [level(1, 5.0, requests=10)]
    levels += [
        level(n, 49.0 * random.uniform(0.93, 1.0), requests=random.randint(40, 300))
        for n in (8, 13, 21, 34)
    ]
    found = plateau_of(levels)
    assert found.low <= found.per_s <= found.high
    assert all(found.low <= each.rate_per_s <= found.high for each in levels if each.n > 1)


def test_a_rate_that_still_grows_is_no_sure_ceiling():
    """Two levels without more are needed before it is one."""
    assert not plateau_of(kink(0.1, 1000, 1, 2, 3, 5, 8)).sure
    assert not plateau_of(kink(0.1, 8, 1, 2, 3, 5, 8, 13)).sure
    assert plateau_of(kink(0.1, 8, 1, 2, 3, 5, 8, 13, 21)).sure


def test_a_rate_that_falls_beyond_its_ceiling_is_told():
    """What convoys or thrashes gives less under more load; the ceiling is the best."""
    found = plateau_of([level(1, 10), level(2, 20), level(3, 21), level(5, 15), level(8, 12)])
    assert found.beyond is Beyond.FALLING
    assert found.per_s == pytest.approx(20.5, rel=0.03)


def test_a_level_that_fails_is_no_part_of_the_ceiling():
    """Its rate of good answers may be higher, and is nobody's capacity."""
    levels = [level(1, 10), level(2, 20), level(3, 30, failures=50), level(5, 40, failures=90)]
    found = plateau_of(levels)
    assert (found.at_n, found.beyond, found.sure) == (2, Beyond.FAILING, True)
    assert failing(levels[2])
    assert plateau_of(levels[2:]) is None


def test_the_levels_that_tell_are_at_the_knee_and_far_beyond():
    """One request alone is not looked at, and one that is refused stands nowhere."""
    levels = [level(1, 40), level(2, 40), level(3, 40), level(5, 40, failures=90)]
    assert watched(levels, 1) == (2, 3)
    assert watched(levels, 3) == (3, 3)
    assert watched(levels[3:], 5) == (5, 5)
    assert watched(levels[:1], 1) == (1, 1)
