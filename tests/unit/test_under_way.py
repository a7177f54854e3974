"""Requests of a load in; which of them were under way when the server died, out."""

from __future__ import annotations

from neverblock.analysis.load.under_way import under_way_at_death
from neverblock.model import UserRequest

RIGHT = UserRequest("GET /orders", 1.0, 1.2)
REFUSED = UserRequest("GET /orders", 3.1, 3.1, error="refused")


def test_what_broke_first_was_under_way():
    """Those that find nobody there began later, and an answer of 500 before is no end."""
    wrong = UserRequest("GET /sums", 0.5, 0.6, error="500")
    broke = [
        UserRequest("GET /report", 2.0, 3.0, error="reset"),
        UserRequest("GET /orders", 2.9, 3.0, error="reset"),
        UserRequest("GET /report", 2.5, 3.01, error="reset"),
    ]
    assert under_way_at_death([RIGHT, wrong, *broke, REFUSED]) == ["GET /report (2)", "GET /orders"]


def test_where_nothing_broke_nothing_is_named():
    """A server may die while nobody asks."""
    assert under_way_at_death([]) == []
    assert under_way_at_death([RIGHT]) == []
