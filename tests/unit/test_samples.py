"""Samples in; the range that their median lies in, out."""

from __future__ import annotations

from math import comb, inf

import pytest

from neverblock.analysis.samples import DOUBT, NOTHING, Range, around_median, larger, span


@pytest.mark.parametrize(
    ("samples", "low", "high"),
    [
        ([], 0.0, 0.0),
        ([5.0], 0.0, inf),
        ([5.0, 6.0], 0.0, inf),
        ([3.0, 1.0, 2.0], 1.0, 3.0),
        ([1.0, 2.0, 3.0, 4.0, 5.0], 1.0, 5.0),
        ([6.0, 5.0, 4.0, 3.0, 2.0, 1.0], 2.0, 5.0),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 2.0, 6.0),
        ([float(n) for n in range(1, 10)], 3.0, 7.0),
        ([2.0, 2.0, 2.0], 2.0, 2.0),
    ],
)
def test_the_median_lies_between_two_of_the_samples(samples, low, high):
    """Of three between their ends, of seven between the second and the sixth, of one anywhere."""
    assert around_median(samples) == Range(low, high)


@pytest.mark.parametrize("count", range(3, 40))
def test_either_end_is_wrong_in_one_case_of_eight_at_most(count):
    """The range is as narrow as that allows: the next sample inwards would be wrong more often."""
    low, high = around_median([float(n) for n in range(count)])

    def beyond(left_out):
        return sum(comb(count, k) for k in range(left_out + 1)) / 2**count

    assert beyond(int(low)) <= DOUBT < beyond(int(low) + 1)
    assert low + high == count - 1


def test_rounds_span_from_the_least_to_the_most():
    """Each is a mean of its own; of none there is nothing."""
    assert span(iter([0.3, 0.1, 0.2])) == Range(0.1, 0.3)
    assert span([]) == NOTHING == Range(0.0, 0.0)


def test_the_larger_of_two_ranges_has_the_larger_ends():
    """Each end may come from another of them."""
    assert larger(Range(1, 4), Range(2, 3)) == Range(2, 4)
    assert larger(Range(2, 3), Range(1, 4)) == Range(2, 4)
