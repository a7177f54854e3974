from __future__ import annotations

import math

import pytest
from loads import QUOTE, SLOW, hold, request, together

from neverblock.analysis.load.harm import harm
from neverblock.analysis.load.holds import held
from neverblock.analysis.load.served import served
from neverblock.causes import Cause

FREE = "GET /free"
SPARED = [request(FREE, at, 0.01) for at in (50.0, 51.0, 52.0)]
"""What a request takes that meets no hold."""


def done(stalls, requests, pids=(1,)):
    """Give the harm of some stalls to some requests, beside those that were spared."""
    requests = [*requests, *SPARED]
    _, pieces = held(stalls)
    return harm(requests, pieces, pids, served(requests).routes)


def test_a_request_loses_the_time_for_which_it_met_a_hold():
    """It came 0.05 s into a hold of 0.2 s, and was done 10 ms after that."""
    found = done([hold(1.0, 0.2)], [request(FREE, 1.05, 0.16)])
    assert found.by_place[0].lost_s == pytest.approx(0.15)
    assert (found.by_place[0].requests, found.by_place[0].worst_s) == (1, pytest.approx(0.15))
    assert found.lost_s == {FREE: pytest.approx(0.15)}


def test_a_request_before_or_after_a_hold_loses_nothing():
    """One that ends as the hold begins, and one that begins as it ends."""
    found = done([hold(1.0, 0.2)], [request(FREE, 0.5, 0.5), request(FREE, 1.2, 0.5)])
    assert found.by_place == {}


def test_the_request_that_holds_the_loop_is_no_other():
    """Nor is any request of the same endpoint: what they lose is their own fault."""
    own = request("GET /slow", 1.0, 0.2, number=1)
    same = request("GET /slow", 1.0, 0.4, number=2)
    assert done([hold(1.0, 0.2)], [own, same]).by_place == {}


def test_a_request_that_two_holds_hit_loses_to_both():
    """To each what it met of it."""
    stalls = [hold(1.0, 0.2), hold(1.3, 0.1, number=2, route="GET /quote", frame=QUOTE)]
    found = done(stalls, [request(FREE, 1.1, 0.31)])
    assert found.by_place[0].lost_s == pytest.approx(0.1)
    assert found.by_place[1].lost_s == pytest.approx(0.1)
    assert found.lost_s == {FREE: pytest.approx(0.2)}


def test_an_endpoint_that_holds_the_loop_itself_loses_to_others():
    """Of a stall that two requests share, each loses the other's piece."""
    parts = [(0.3, SLOW, Cause(1, "GET /slow")), (0.1, QUOTE, Cause(2, "GET /quote"))]
    quotes = [request("GET /quote", at, 0.1, number=at) for at in (60, 61, 62)]
    hit = request("GET /quote", 1.0, 0.4, number=2)
    found = done([together(1.0, parts)], [*quotes, hit])
    assert found.lost_s == {"GET /quote": pytest.approx(0.3)}
    assert found.by_place[0].victims == {"GET /quote": 1}


def test_holds_that_overlap_in_two_processes_hit_their_own_requests_alone():
    """A request loses nothing to the loop of a process that does not serve it."""
    stalls = [hold(1.0, 0.4, pid=1), hold(1.1, 0.4, pid=2, route="GET /quote", frame=QUOTE)]
    hits = [request(FREE, 1.2, 0.21, pid=1), request(FREE, 1.2, 0.31, pid=2)]
    found = done(stalls, hits, pids=(1, 2))
    assert found.by_place[0].lost_s == pytest.approx(0.2)
    assert found.by_place[1].lost_s == pytest.approx(0.3)


def test_a_request_that_waits_for_something_else_loses_no_more_than_it_was_late():
    """A second's wait for a database goes on while the loop is held, and ends after it."""
    usual = [request("GET /report", at, 1.0) for at in (20.0, 25.0, 30.0)]
    unhurt = request("GET /report", 0.5, 1.0)
    late = request("GET /report", 0.5, 1.05)
    assert done([hold(1.0, 0.2)], [*usual, unhurt]).by_place == {}
    assert done([hold(1.0, 0.2)], [*usual, late]).lost_s == {"GET /report": pytest.approx(0.05)}


def test_where_every_request_was_hit_what_is_left_of_them_is_their_own_time():
    """There is nothing better to hold them to."""
    stalls = [hold(float(at), 0.2, number=at) for at in range(1, 6)]
    hits = [request("GET /busy", at + 0.1, 0.15) for at in range(1, 6)]
    found = done(stalls, hits)
    assert found.lost_s["GET /busy"] == pytest.approx(0.5, rel=0.02)


def test_background_work_harms_every_endpoint():
    """It is no request's, so that all requests are others."""
    stall = together(1.0, [(0.2, SLOW, None)])
    found = done([stall], [request("GET /slow", 1.0, 0.21), request(FREE, 1.0, 0.21)])
    assert found.by_place[0].requests == 2


def test_a_request_without_an_answer_counts_by_the_route_of_its_name():
    """It waited for the hold until it gave up, and nothing says who would have served it."""
    lost = request("free things", 1.0, 0.2, pid=None, number=None, route=None, error="timeout")
    told = request("free things", 70.0, 0.01, route=FREE)
    found = done([hold(1.0, 0.2, route=FREE)], [lost, told])
    assert found.by_place == {}
    found = done([hold(1.0, 0.2)], [lost, told])
    assert found.lost_s == {"free things": pytest.approx(0.19)}


def test_what_can_be_told_to_no_process_is_counted_and_not_guessed():
    """Of two processes one held its loop, and the answer does not say which of them served."""
    unknown = request(FREE, 1.0, 0.2, pid=None, number=None, route=None)
    found = done([hold(1.0, 0.2)], [unknown], pids=(1, 2))
    assert (found.unplaced, found.by_place) == (1, {})


def test_an_answer_that_does_not_say_which_request_it_is_of_is_counted():
    """The hold that it met may be its own."""
    nameless = request("GRPC slow", 1.0, 0.2, pid=None, number=None, route=None)
    assert done([hold(1.0, 0.2)], [nameless]).nameless == 1
    assert done([hold(1.0, 0.2)], [request(FREE, 1.0, 0.2)]).nameless == 0


def test_a_sample_stands_for_all():
    """One of four came home: what it lost, and those that it stands for, is four times as much."""
    found = done([hold(1.0, 0.2)], [request(FREE, 1.1, 0.11, weight=4.0)]).by_place[0]
    assert (found.requests, found.worst_s) == (4, pytest.approx(0.1))
    assert found.lost_s == pytest.approx(0.4)


def test_where_clocks_are_unsure_only_what_was_surely_met_counts():
    """Ten milliseconds either way: a request that began with a hold may have come ten later."""
    unsure = request(FREE, 1.0, 0.5, unsure_s=0.01)
    assert done([hold(1.0, 0.2)], [unsure]).by_place[0].lost_s == pytest.approx(0.19)
    unknown = done([hold(1.0, 0.2)], [request(FREE, 1.0, 0.5, unsure_s=math.inf)])
    assert (unknown.by_place, unknown.unplaced) == ({}, 1)
