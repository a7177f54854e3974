"""A ceiling before and after its limit was moved: it followed, it stayed, or nobody can tell."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from neverblock.analysis.capacity.conclude import unmeasured
from neverblock.analysis.capacity.plateau import Plateau
from neverblock.analysis.capacity.proof import expected, not_tried, proven
from neverblock.result.capacity import Beyond, Limit, ProofVerdict
from neverblock.run.capacity_arrivals import with_arrivals
from neverblock.run.capacity_proof import Prover


def plateau(per_s, within=0.02):
    """Give a ceiling that is sure to some part of it."""
    low, high = (1 - within) * per_s, (1 + within) * per_s
    return Plateau(per_s, low, high, 8, Beyond.FLAT, sure=True)


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        *((77.0, "confirmed"), (63.0, "confirmed"), (41.0, "refuted"), (20.0, "refuted")),
        # Just about half of what was expected: no interval tells.
        *((61.0, "not-tried"), (59.0, "not-tried")),
    ],
)
def test_a_ceiling_that_follows_confirms_its_limit(after, verdict):
    """More than half of what was expected is following; staying is not."""
    found = proven("POOL", (8, 16), plateau(40.0), plateau(after), expected(40.0, 2, None))
    assert found.verdict == verdict
    assert (found.moved, found.from_, found.to) == ("POOL", 8, 16)


@pytest.mark.parametrize("after", [41.0, 45.0, 55.0, 75.0])
def test_noise_neither_confirms_nor_refutes(after):
    """Where a rate may be off by half of it, following and staying are not told apart."""
    found = proven("POOL", (8, 16), plateau(40.0), plateau(after, 0.5), expected(40.0, 2, None))
    assert found.verdict is ProofVerdict.NOT_TRIED
    assert "quieter machine" in found.how


def test_a_busy_machine_refutes_nothing_that_was_to_rise():
    """Others had the cores that a second worker was to have; what was to fall may still stay."""
    before, stays = plateau(40.0), plateau(41.0)
    rises = proven("workers", (1, 2), before, stays, 80.0, busy=True)
    assert (rises.verdict, "others had the CPU" in rises.how) == (ProofVerdict.NOT_TRIED, True)
    followed = proven("workers", (1, 2), before, plateau(77.0), 80.0, busy=True)
    assert followed.verdict is ProofVerdict.CONFIRMED
    falls = proven("cores", (2, 1), before, plateau(39.0), 20.0, busy=True)
    assert falls.verdict is ProofVerdict.REFUTED


def test_a_ceiling_that_cannot_follow_refutes_nothing():
    """The next limit lies just above it: whatever is moved, it stays."""
    found = proven("POOL", (8, 16), plateau(40.0), plateau(40.0), expected(40.0, 2, 41.0))
    assert found.verdict is ProofVerdict.NOT_TRIED
    assert "next limit" in found.how


def test_a_limit_that_is_moved_down_has_to_pull_the_ceiling_down():
    """Of cores there cannot be more, but there can be fewer."""
    wanted = expected(40.0, 0.5, 45.0)
    before, moved = plateau(40.0), ("cores", (2, 1))
    assert proven(*moved, before, plateau(21.0), wanted).verdict is ProofVerdict.CONFIRMED
    assert proven(*moved, before, plateau(39.0), wanted).verdict is ProofVerdict.REFUTED


def test_no_more_is_expected_than_the_next_limit_lets_through():
    """A pool of twice the size reaches what comes next, and no further."""
    assert expected(40.0, 2, 50.0) == 50.0
    assert expected(40.0, 2, 500.0) == 80.0
    assert expected(40.0, 2, 30.0) == 40.0


@pytest.mark.parametrize("limit", Limit)
def test_what_was_not_tried_says_how_to(limit):
    """Nobody is left with a name and nothing to do about it."""
    found = not_tried(limit)
    assert found.verdict is ProofVerdict.NOT_TRIED
    assert len(found.how) > 10


FORTY = replace(unmeasured("GET /orders", 2000.0, ""), ceiling_per_s=40.0, limit=Limit.SEMAPHORE)


def test_a_proof_without_time_is_not_begun():
    """Nothing is served or asked for it, and it says what to give."""
    prover = Prover(None, None, None, FORTY, None, print, until_s=0.0, level_s=1.0)
    found = asyncio.run(prover.prove(plateau(40.0)))
    assert found.verdict is ProofVerdict.NOT_TRIED
    assert "give it more time" in found.how


def test_latency_without_time_is_left_out_and_said_to_be():
    """Nothing is asked, and nobody takes what is absent for measured."""
    late = with_arrivals(FORTY, "", None, 1.0, 0.0, lambda *_: True, print)
    found = asyncio.run(late)
    assert found.arrivals == ()
    assert found.notes == ("no latency at 50% of it or more: the time of --for was over before",)
