from __future__ import annotations

import pytest
from canned import EPOCH_S, GATHER, crowd, lessons
from canned_parts import records

from neverblock.analysis.canary_figures import covered
from neverblock.report.scale import FREE, occupied, stretches
from neverblock.report.svg import shortened


def test_the_loop_is_free_where_no_stall_is():
    """Free and held together cover the burst, and hardly overlap."""
    bad, good = lessons(GATHER, EPOCH_S)[:2]
    end_s = bad.measurement.wall_s
    found = occupied(bad.measurement, EPOCH_S, end_s)
    everything = [span for spans in found.values() for span in spans]
    assert covered(everything) == pytest.approx(end_s)
    assert covered(found["loop waits"]) > 0.9 * end_s
    assert covered(found[FREE]) < 0.1 * end_s
    assert occupied(good.measurement, EPOCH_S, 1.03)[FREE] == [(0.0, 1.03)]


def test_a_stall_is_cut_to_the_burst():
    """What began before the first send or ends after the last answer stays within the burst."""
    bad = lessons(GATHER, EPOCH_S)[0]
    found = occupied(bad.measurement, EPOCH_S + 0.5, 1.0)
    assert all(0 <= a < b <= 1.0 for spans in found.values() for a, b in spans)


def test_a_crowd_s_answers_are_all_counted():
    """Rate times length, summed over the stretches, is the number of answers."""
    result = crowd("good", EPOCH_S)
    found = stretches(result.records, result.measurement.solo_s)
    counted = sum(x.rate_rps * (x.to_s - x.from_s) for x in found)
    assert counted == pytest.approx(len(result.records))
    assert all(x.half_s <= x.most_s for x in found if x.half_s is not None)


def test_failures_are_no_answers():
    """A crowd of which every request failed has a rate of zero, and no latencies."""
    failed = records(10, 0.1, EPOCH_S, serial=True, status=500)
    assert {(x.rate_rps, x.half_s) for x in stretches(failed, 0.1)} == {(0.0, None)}


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("M 0 1  L 5 1  L 5 2.04  L 0 2.04  z ", "M0 1H5V2H0z"),
        ("M 1.26 2 L 3 4", "M1.3 2L3 4"),
        ("M 0 0 C 1 2 3 4 5 6 L 5 9", "M0 0C1 2 3 4 5 6V9"),
        ("", ""),
    ],
)
def test_a_path_keeps_its_shape(long, short):
    """Upright and level lines lose the number that does not change; nothing else is touched."""
    assert shortened(long) == short
