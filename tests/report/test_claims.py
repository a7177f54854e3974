from __future__ import annotations

from dataclasses import replace

import pytest
from canned import BURST, EPOCH_S, GATHER, crowd, lessons

from neverblock.model import Diagnosis, Ping
from neverblock.report.claims import claims, unanswered
from neverblock.result import Criterion, Run


def run_of(*results, scale=1.0):
    """Make a run of these results."""
    return Run("0.1.0", "2026-01-30T12:00:00Z", 1.0, "app", scale, Criterion(), {}, results)


@pytest.fixture(scope="module")
def claimed():
    """Give the claims of a run with two pairs, three scenarios, and both engines."""
    crowds = (crowd("bad", EPOCH_S + 200), crowd("good", EPOCH_S + 250))
    return claims(run_of(*lessons(GATHER, EPOCH_S), *lessons(BURST, EPOCH_S + 100), *crowds))


def test_each_claim_has_its_figures_by_both_engines(claimed):
    """Three claims; each is measured by httpx and by Locust, where there was a crowd also there."""
    assert [claim.says[:10] for claim in claimed] == ["Blocking m", "The server", "Throughput"]
    for claim in claimed:
        engines = {line.engine for line in claim.lines}
        assert engines == {"httpx, gather", "Locust, burst", "Locust, crowd"}


def test_a_blocking_pair_bears_the_claims_out(claimed):
    """Bad and good are told in the figure's own unit, and the pairs are counted."""
    throughput = next(line for line in claimed[2].lines if line.engine == "Locust, crowd")
    assert (throughput.bad, throughput.good) == ("1.0/s", "9.8/s")
    assert (throughput.borne_out, throughput.of) == (1, 1)
    assert throughput.pairs == (("sleep", "1.0/s", "9.8/s", "", True),)
    waits = claimed[0].lines[0]
    assert (waits.borne_out, waits.of) == (2, 2)
    assert waits.pairs[1][3], "the pair `hash` has a third endpoint, better"


def test_a_pair_that_does_not_bear_a_claim_out_is_named_with_the_reason():
    """Where good is as bad as bad, the claim says so and gives good's diagnosis."""
    bad, good = lessons(GATHER, EPOCH_S)[:2]
    contended = replace(good.judgement, diagnosis=Diagnosis.GIL_CONTENTION)
    twin = replace(good, measurement=bad.measurement, judgement=contended)
    waiting = claims(run_of(bad, twin))[0]
    assert waiting.lines[0].borne_out == 0
    assert waiting.exceptions == {"sleep": "good is gil-contention"}


def test_a_small_wait_bears_nothing_out():
    """A pair whose bad endpoint lets others wait for less than the loop limit proves nothing."""
    bad, good = lessons(GATHER, EPOCH_S)[:2]
    short = replace(bad.measurement.canary, longest_s=0.03)
    quiet = replace(good.measurement.canary, longest_s=0.001)
    results = (
        replace(bad, measurement=replace(bad.measurement, canary=short)),
        replace(good, measurement=replace(good.measurement, canary=quiet)),
    )
    assert claims(run_of(*results))[0].lines[0].borne_out == 0


def test_without_pairs_nothing_is_claimed():
    """A user's app, and a pair of which only one endpoint was measured, give no table."""
    bad = lessons(GATHER, EPOCH_S)[0]
    assert claims(run_of(bad)) == []
    assert claims(run_of(replace(bad, endpoint=replace(bad.endpoint, pair=None)))) == []


def test_a_late_answer_counts_as_none():
    """Late, lost and failed pings are unanswered; a patience of their own decides what is late."""
    m = lessons(GATHER, EPOCH_S)[0].measurement
    pings = (Ping(0, 0.2, True), Ping(0, 1.5, True), Ping(0, None, False), Ping(0, 0.1, False))
    m = replace(m, canary=replace(m.canary, pings=pings))
    assert unanswered(m, 1.0) == 0.75
    assert unanswered(m, 2.0) == 0.5
    assert unanswered(replace(m, canary=replace(m.canary, pings=())), 1.0) == 0.0
