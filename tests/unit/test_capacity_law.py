"""The universal scalability law is fitted where it holds, and nowhere else."""

from __future__ import annotations

from random import Random

import pytest
from levels import level

from neverblock.analysis.capacity.scalability import scalability_of


@pytest.mark.parametrize("seed", range(30))
def test_the_law_is_found_where_it_holds(seed):
    """Levels that follow it give its parameters back, within their intervals."""
    random = Random(seed)  # noqa: S311 - cases, no secret
    contention, coherency = random.uniform(0.02, 0.3), random.uniform(0.0005, 0.02)
    levels = [
        level(n, 100 * n / (1 + contention * (n - 1) + coherency * n * (n - 1)))
        for n in (1, 2, 3, 5, 8, 13, 21)
    ]
    found = scalability_of(levels)
    assert found.contention == pytest.approx(contention, rel=0.02, abs=1e-3)
    assert found.coherency == pytest.approx(coherency, rel=0.02, abs=1e-4)
    assert found.contention_low <= found.contention <= found.contention_high
    assert found.to_n == 21


def test_the_law_does_not_hold_at_a_kink():
    """A pool has a corner, which the law has not, and too few levels say nothing."""
    kinked = [level(n, min(n, 8) * 10.0) for n in (1, 2, 3, 5, 8, 13, 21, 34)]
    assert scalability_of(kinked) is None
    assert scalability_of(kinked[:5]) is None
