from __future__ import annotations

from random import Random

import pytest

from neverblock.analysis.load.clocks import Clock, RoundTrip


def trips(ahead_s, *, drift=0.0, every_s=0.5, from_s=0.0, to_s=60.0, there_s=0.004, back_s=0.004):
    """Give round trips to a clock that is ahead, with noise on the way in both directions."""
    random = Random(3)  # noqa: S311 - no secret
    made, at_s = [], from_s
    while at_s < to_s:
        seen_s = at_s + there_s + random.expovariate(200)
        received_s = seen_s + back_s + random.expovariate(200)
        made.append(RoundTrip(at_s, seen_s + ahead_s + drift * seen_s, received_s))
        at_s += every_s
    return made


@pytest.mark.parametrize("ahead_s", [0.0, 3600.0, -7.25])
def test_the_offset_is_within_what_it_says(ahead_s):
    """Whatever the two clocks count from, and no wider than the shortest way there and back."""
    clock = Clock(trips(ahead_s))
    for at_s in range(5, 55):
        found = clock.at(at_s + ahead_s)
        assert abs(found.ahead_s - ahead_s) <= found.unsure_s
        assert found.unsure_s < 0.008


def test_a_way_that_is_longer_in_one_direction_stays_within_the_uncertainty():
    """Half of a round trip is no measurement of either way: 20 ms of delay on one alone."""
    clock = Clock(trips(5.0, there_s=0.02, back_s=0.0002))
    found = clock.at(35.0)
    assert abs(found.ahead_s - 5.0) <= found.unsure_s < 0.015


def test_a_clock_that_drifts_is_followed():
    """100 millionths for an hour are 360 ms: what was true at first is not at the end."""
    drift = 100e-6
    clock = Clock(trips(0.0, drift=drift, to_s=3600.0))
    for at_s in (60.0, 1800.0, 3500.0):
        found = clock.at(at_s)
        assert abs(found.ahead_s - drift * at_s) <= found.unsure_s < 0.01


def test_a_clock_that_jumps_is_two_clocks():
    """Before and after it each is known; a reading that may be of either is not."""
    jumped = [*trips(0.0, to_s=30.0), *trips(40.0, from_s=30.5)]
    clock = Clock(jumped)
    assert clock.jumped
    assert clock.at(10.0).ahead_s == pytest.approx(0.0, abs=0.01)
    assert clock.at(80.0).ahead_s == pytest.approx(40.0, abs=0.01)
    assert clock.at(50.0) is None
    back = Clock([*trips(0.0, to_s=30.0), *trips(-20.0, from_s=30.5)])
    assert back.at(20.0) is None


def test_a_generator_that_was_cut_off_keeps_its_clock():
    """Five seconds without a round trip are no jump."""
    clock = Clock([*trips(2.0, to_s=20.0), *trips(2.0, from_s=25.0)])
    assert not clock.jumped
    assert clock.at(24.5).ahead_s == pytest.approx(2.0, abs=0.01)


def test_nothing_is_known_without_round_trips():
    """And an hour later nothing that was known holds."""
    assert Clock([]).at(1.0) is None
    assert Clock(trips(0.0)).at(3600.0) is None
