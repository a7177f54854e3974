from __future__ import annotations

import math
from random import Random

import pytest

from neverblock.analysis.load.histogram import ACCURACY, Histogram


def filled(values):
    """Give a histogram of some durations."""
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0])
def test_a_quantile_is_exact_to_one_per_cent(share):
    """Of durations from a tenth of a millisecond to a minute, whatever the share."""
    random = Random(7)  # noqa: S311 - no secret
    values = sorted(10 ** random.uniform(-4, 1.8) for _ in range(20_000))
    exact = values[max(1, math.ceil(share * len(values))) - 1]
    assert filled(values).quantile(share) == pytest.approx(exact, rel=ACCURACY)


@pytest.mark.parametrize("value", [1e-6, 0.0123, 1.0, 600.0])
def test_one_duration_is_every_quantile(value):
    """And none is above the largest that was counted."""
    histogram = filled([value])
    for share in (0.01, 0.5, 1.0):
        assert histogram.quantile(share) == pytest.approx(value, rel=ACCURACY)
        assert histogram.quantile(share) <= histogram.largest_s == value


def test_two_histograms_merge_into_that_of_both():
    """As those of several generators do."""
    left, right = [0.01, 0.02, 0.5], [0.03, 7.0]
    merged = filled(left)
    merged.merge(filled(right))
    both = filled(left + right)
    assert merged.total == 5
    assert merged.sum_s == pytest.approx(sum(left + right))
    assert [merged.quantile(q / 10) for q in range(11)] == [
        both.quantile(q / 10) for q in range(11)
    ]


def test_an_empty_histogram_makes_no_figure_up():
    """An absent measurement is no zero."""
    with pytest.raises(ValueError, match="no quantiles"):
        Histogram().quantile(0.5)


def test_a_long_run_takes_no_more_room_than_a_short_one():
    """A million requests fall into as many buckets as there are durations one per cent apart."""
    random = Random(1)  # noqa: S311 - no secret
    histogram = filled(10 ** random.uniform(-6, 2.78) for _ in range(50_000))
    assert len(histogram._counts) <= 1020


def test_what_is_at_most_is_never_less_than_the_exact_figure():
    """A loss that is reckoned by it is not made of the width of a bucket."""
    for value in (0.001, 0.37, 1.0, 12.0):
        assert value <= filled([value, 600.0, 600.0]).at_most(0.33) <= value * 1.0203
