"""All that was measured of one endpoint gives its capacity, or the reason that there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, solo
from levels import kink, level, seen

from neverblock.analysis.capacity.conclude import Facts, conclude, unmeasured
from neverblock.analysis.capacity.plateau import plateau_of
from neverblock.analysis.capacity.steady import arrivals_of
from neverblock.model import UserRequest
from neverblock.result.capacity import Limit, ProofVerdict


def facts(levels, **more):
    """Give what a pool of eight shows: requests on top stand before it."""
    given = {
        "endpoint": "GET /orders",
        "alone": measured(solo(0.2), burst_round(parallel(0.2))),
        "levels": tuple(levels),
        "plateau": plateau_of(levels),
        "ended": "",
        "one": seen(1),
        "at": seen(8),
        "beyond": seen(21, queued=13.0),
        "generator_per_s": 2000.0,
    }
    return Facts(**given | more)


POOL = kink(0.2, 8, 1, 2, 3, 5, 8, 13, 21)


def test_a_pool_gives_its_ceiling_its_name_and_its_prediction():
    """Eight for 200 ms are forty a second, as one request predicts."""
    found = conclude(facts(POOL))
    assert found.ceiling_per_s == pytest.approx(40.0)
    assert (found.at_n, found.limit, found.limit_size) == (8, Limit.CONNECTION_POOL, 8)
    assert found.predicted_per_s == pytest.approx(40.0, rel=0.05)
    assert found.proof.verdict is ProofVerdict.NOT_TRIED
    assert found.notes == ()


def test_from_outside_a_ceiling_has_no_name():
    """Nothing is predicted, nothing is said of a probe, and the proof says how to have one."""
    blind = [seen(n) for n in (1, 8, 21)]
    views = dict(zip(("one", "at", "beyond"), blind, strict=True))
    found = conclude(facts(POOL, probed=False, **views))
    assert found.ceiling_per_s == pytest.approx(40.0)
    assert (found.limit, found.used, found.predicted_per_s) == (Limit.UNKNOWN, None, None)
    assert not any("probe" in note for note in found.notes)
    assert "neverblock capacity main:app" in found.proof.how


def test_a_generator_that_is_busy_gives_no_ceiling():
    """It measured itself."""
    last = replace(POOL[-1], client_cpu=0.95)
    found = conclude(facts([*POOL[:-1], last]))
    assert (found.limit, found.ceiling_per_s) == (Limit.GENERATOR, None)
    assert "the generator is at its limit" in found.reason


def test_a_rate_that_the_generator_hardly_passes_is_nobodys_ceiling():
    """Unless something of the server's is in use all the time, it is the generator's."""
    levels = [level(n, 1500.0) for n in (1, 2, 3, 5)]
    given = {"generator_per_s": 1600.0, "at": seen(2), "beyond": seen(5)}
    assert conclude(facts(levels, **given)).limit is Limit.GENERATOR
    full = given | {"beyond": seen(5, {"loop-computing": 0.97})}
    assert conclude(facts(levels, **full)).limit is Limit.LOOP_COMPUTING


def test_a_mix_is_predicted_by_nobody_and_has_a_ceiling():
    """No request of it is alone, and how fast Locust asks is not known: the limit is."""
    found = conclude(facts(POOL, alone=None, generator_per_s=0.0))
    assert found.ceiling_per_s == pytest.approx(40.0)
    assert (found.limit, found.next, found.solo_s) == (Limit.CONNECTION_POOL, (), None)
    assert (found.predicted_per_s, found.generator_per_s) == (None, 0.0)
    unnamed = conclude(facts(POOL, alone=None, generator_per_s=0.0, beyond=seen(21)))
    assert unnamed.limit is Limit.UNKNOWN


def test_a_ceiling_that_is_not_sure_is_none():
    """It says why the sweep ended."""
    found = conclude(facts(POOL[:4], ended="the time of --for is over"))
    assert found.ceiling_per_s is None
    assert found.reason == "the time of --for is over"


def test_a_server_without_a_core_may_take_more_than_a_cpu_limit():
    """That is about the figure and not about the name, which a proof may confirm all the same."""
    full = seen(5, {"loop-computing": 0.97}, starved=0.4)
    found = conclude(facts(POOL, beyond=full))
    assert found.notes[0].startswith("the ceiling may be higher: others had 40% of the CPU time")
    assert "inconclusive" not in " ".join(found.notes)
    queued = conclude(facts(POOL, beyond=seen(21, queued=13.0, starved=0.4)))
    assert not any(note.startswith("the ceiling may be higher") for note in queued.notes)


@pytest.mark.parametrize("alone_per_s", [12.0, 30.0, 2000.0])
def test_no_ceiling_is_above_what_the_generator_reaches(alone_per_s):
    """A rate that was answered is one that the generator made, however slow it was by itself."""
    found = conclude(facts(POOL, generator_per_s=alone_per_s))
    assert found.ceiling_per_s <= found.generator_per_s == max(alone_per_s, 40.0)
    levels = [level(n, 1252.0) for n in (1, 2, 3, 5)]
    given = {"generator_per_s": 669.0, "at": seen(2), "beyond": seen(5)}
    none = conclude(facts(levels, **given))
    assert (none.limit, none.generator_per_s) == (Limit.GENERATOR, 1252.0)
    assert "669" not in none.reason


def test_a_demand_that_grows_with_load_is_named():
    """One request predicts more than was measured, and the loop computes three times as long."""
    slow = [level(n, min(n, 8) * 2.5) for n in (1, 2, 3, 5, 8, 13, 21)]
    beyond = seen(21, queued=13.0, needs_s={"loop-computing": 0.03})
    found = conclude(facts(slow, one=seen(1, needs_s={"loop-computing": 0.01}), beyond=beyond))
    assert any("loop-computing grows with load, from 10 ms" in note for note in found.notes)


def test_a_request_that_took_another_time_when_it_was_predicted_is_told():
    """Nothing grows with load: one request alone is slower in the sweep already."""
    slow = [level(n, min(n, 8) * 2.5) for n in (1, 2, 3, 5, 8, 13, 21)]
    slow[0] = replace(slow[0], p50_s=0.4)
    notes = " ".join(conclude(facts(slow)).notes)
    assert "one request alone took 200 ms when that was predicted, and 400 ms in the" in notes


def test_a_limit_that_no_demand_tells_is_said_to_be_none():
    """An upstream that answers eight at once is seen by no single request."""
    queued = seen(21, queued=13.0, limit=Limit.UPSTREAM)
    slow = [level(n, min(n, 4) * 5.0) for n in (1, 2, 3, 5, 8, 13, 21)]
    found = conclude(facts(slow, at=seen(8, limit=Limit.UPSTREAM), beyond=queued))
    assert found.limit is Limit.UPSTREAM
    assert any("no demand tells what the upstream lets through" in note for note in found.notes)


def test_an_endpoint_of_which_nothing_is_known_has_no_levels():
    """By that the gate knows that it was not measured."""
    found = unmeasured("GET /gone", 2000.0, "status 500")
    assert (found.levels, found.reason, found.limit) == ((), "status 500", Limit.UNKNOWN)


def test_latency_counts_from_when_a_request_was_due():
    """Those without an answer at the end of the arrivals are the backlog."""
    requests = [UserRequest("", n / 10, n / 10 + 0.2) for n in range(10)]
    requests.append(UserRequest("", 0.95, 1.0, error="status 503"))
    found = arrivals_of(requests, 0.8, 10.0, 1.0)
    assert (found.requests, found.failures, found.backlog) == (11, 1, 1)
    assert found.p50_s == pytest.approx(0.2)
