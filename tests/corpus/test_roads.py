"""A part of the corpus by ``check`` and by the pytest fixture: the truth by both roads.

All of it, by other servers and loops as well, takes half an hour: ``make roads``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import truth

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import roads

NAMES = ("compute_15", "validator", "trivial", "wait_5_of_10")


@pytest.fixture(scope="module", params=["check", "fixture"])
def found(request):
    """Take a road once with all of them."""
    cases = [case for case in truth.load() if case.name in NAMES]
    return roads.walk(request.param, cases)


def test_every_case_is_judged_by_its_truth(found):
    """Its own limit and body reach it; a noisy machine may leave some untold."""
    wrong = [one["told"] for one in found.values() if one["told"] and not one.get("inconclusive")]
    assert wrong == []
    assert set(found) == set(NAMES)


def test_most_are_judged_at_all(found):
    """A road on which nothing is told is no road."""
    assert sum(not one.get("inconclusive", True) for one in found.values()) > len(NAMES) / 2
