from __future__ import annotations

import json

import pytest
from loads import counted, request

from neverblock.analysis.load.figures import tally
from neverblock.analysis.load.seconds import Counting, unpacked

REQUESTS = [
    *(request("GET /", at / 10, 0.02) for at in range(40)),
    *(request("POST /orders", at / 10, 0.5, error="answered 500") for at in range(20)),
]


def test_each_second_and_name_is_counted_by_itself():
    """By the end of the request, with its status or why it failed."""
    seconds = {(each.name, each.at_s): each for each in counted(REQUESTS)}
    assert seconds["GET /", 0.0].took.total == 10
    assert seconds["GET /", 3.0].answers == {"200": 10}
    assert seconds["POST /orders", 0.0].errors == {"answered 500": 5}
    assert seconds["POST /orders", 2.0].failures == 5


def test_what_was_counted_survives_a_message():
    """Plain values, as JSON and Locust's own messages carry them."""
    sent = [unpacked(json.loads(json.dumps(each.packed()))) for each in counted(REQUESTS)]
    assert [each.packed() for each in sent] == [each.packed() for each in counted(REQUESTS)]


def test_the_counts_of_several_generators_add_up_to_those_of_one():
    """However the requests were shared among them."""
    shared = [*counted(REQUESTS[::3]), *counted(REQUESTS[1::3]), *counted(REQUESTS[2::3])]
    one, all_ = tally(counted(REQUESTS)), tally(shared)
    assert (all_.requests, all_.failures) == (one.requests, one.failures) == (60, 20)
    assert (all_.duration_s, all_.usual_error) == (one.duration_s, "answered 500")
    for name, counts in one.by_name.items():
        assert all_.by_name[name].took.quantile(0.95) == counts.took.quantile(0.95)


def test_a_clock_that_is_ahead_moves_its_seconds():
    """The figures stay."""
    (second,) = counted([request("GET /", 100.2, 0.1)])
    moved = second.moved(-40.0)
    assert (moved.at_s, moved.first_s) == (60.0, pytest.approx(60.2))
    assert moved.took.total == 1


def test_what_was_taken_is_not_taken_again():
    """A batch is of what ended since the last one."""
    counting = Counting()
    counting.add("GET /", 1.0, 1.1, None, 200)
    assert [each.took.total for each in counting.take()] == [1]
    assert counting.take() == []
