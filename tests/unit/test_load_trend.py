from __future__ import annotations

import math
from random import Random

import pytest

from neverblock.analysis.load.trend import only_rises, slope

MINUTE, MB = 60.0, 2**20


def soak(leak_mb_a_minute, *, minutes=20, seed=1, warm_mb=30.0):
    """Give the memory of a server under load, second by second.

    It warms up over some minutes, its allocator takes and returns arenas, and each second's noise
    is carried into the next: what a real process shows.
    """
    random = Random(seed)  # noqa: S311 - no secret
    noise, arena, made = 0.0, 0.0, []
    for second in range(int(minutes * MINUTE)):
        noise = 0.9 * noise + random.gauss(0, 0.3)
        if random.random() < 0.02:
            arena = random.choice([0.0, 1.0, 2.0, 4.0])
        warm = warm_mb * (1 - math.exp(-second / 90))
        leaked = leak_mb_a_minute * second / MINUTE
        made.append((float(second), (80 + warm + arena + noise + leaked) * MB))
    return made


@pytest.mark.parametrize("seed", range(8))
def test_an_app_that_leaks_a_megabyte_a_minute_is_found(seed):
    """In twenty minutes, with the leak in the interval of the slope."""
    found = only_rises(soak(1.0, seed=seed))
    assert found is not None
    assert 0.8 < found.per_s * MINUTE / MB < 1.8
    assert found.low < found.per_s < found.high
    assert found.ended > found.started


@pytest.mark.parametrize("seed", range(8))
def test_an_app_that_does_not_leak_is_left_alone(seed):
    """It warms up, its allocator goes up and down, and it levels off."""
    assert only_rises(soak(0.0, seed=seed)) is None


def test_a_slope_is_that_of_the_line_beneath_the_noise():
    """One outlier in ten does not move it."""
    random = Random(5)  # noqa: S311 - no secret
    line = [
        (float(at), 5.0 + 0.01 * at + random.gauss(0, 0.5) + (50 if at % 10 == 0 else 0))
        for at in range(900)
    ]
    found = slope(line)
    assert found.low < 0.01 < found.high
    assert found.per_s == pytest.approx(0.01, rel=0.2)


def test_noise_alone_has_no_trend():
    """Of a hundred series at most a few seem to rise, and none of them by what matters."""
    random = Random(11)  # noqa: S311 - no secret
    series = [[(float(at), 100 + random.gauss(0, 5)) for at in range(600)] for _ in range(100)]
    assert [each for each in series if only_rises(each)] == []


def test_a_short_load_has_no_trend():
    """Whatever rises in the first minutes."""
    assert only_rises([(float(at), float(at)) for at in range(200)]) is None


def test_what_rises_by_next_to_nothing_is_left_alone():
    """Surely, but by one in a hundred over the whole load."""
    assert only_rises([(float(at), 100 + at / 900) for at in range(900)]) is None
