from __future__ import annotations

import pytest
from loads import request

from neverblock.load.singles import Singles


def test_requests_come_back_as_they_were_and_as_often_as_they_are_asked_for():
    """Also those that nobody answered."""
    asked = [request(f"GET /{n % 3}", n * 0.1, 0.02, number=n) for n in range(50)]
    asked.append(asked[0]._replace(error="reset", pid=None, number=None, route=None, weight=3.0))
    singles = Singles(asked)
    assert list(singles) == asked == list(singles)


def test_of_too_many_requests_some_stand_for_all():
    """The first of each route stays: it warms up what the others find warm."""
    asked = [request("GET /a", n * 0.1, 0.02, number=n) for n in range(1000)]
    asked[301] = request("GET /rare", 30.1, 0.02)
    kept = list(Singles(asked, most=100))
    assert 50 <= len(kept) <= 100
    assert sum(each.weight for each in kept) == pytest.approx(1000, rel=0.05)
    assert sum(each.number for each in kept) / len(kept) == pytest.approx(500, rel=0.05)
    assert (kept[0], asked[301]) == (asked[0], next(e for e in kept if e.name == "GET /rare"))
