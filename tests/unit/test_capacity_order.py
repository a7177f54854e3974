"""Which endpoints are asked how much they can take."""

from __future__ import annotations

from pathlib import Path

import pytest

from neverblock.config import Config
from neverblock.model import Endpoint, Request
from neverblock.plan import Subject, Target
from neverblock.run.capacity_order import CapacityOrder
from neverblock.run.order import Order

SUBJECTS = tuple(
    Subject(Endpoint(f"GET {path}", "GET", path), Request("GET", path)) for path in ("/a", "/b")
)


@pytest.mark.parametrize(
    ("named", "expression", "asked"),
    [
        ((), None, "ab"),
        (("GET /b",), None, "b"),
        # What the expression leaves out is out already, but for what was named beside it.
        (("GET /b",), "/a", "ab"),
    ],
)
def test_what_is_named_is_asked_alone_unless_an_expression_chooses_more(named, expression, asked):
    """A minute for each endpoint: nobody who names one waits for all the others."""
    order = Order(Target("main:app", Path()), Config(), expression=expression, named=named)
    chosen = CapacityOrder(order, 100, 90.0).chosen(SUBJECTS)
    assert "".join(subject.endpoint.path for subject in chosen).replace("/", "") == asked
