from __future__ import annotations

from dataclasses import replace

import pytest
from loads import QUOTE, SLOW, hold, together

from neverblock.analysis.load.holds import held
from neverblock.causes import Cause
from neverblock.measurement import Stack
from neverblock.model import Diagnosis


def test_a_hold_names_its_place_and_its_request():
    """The user's own line, for how long, and whose request it was."""
    places, (piece,) = held([hold(1.0, 0.2, number=5)])
    place = places[piece.place]
    assert (place.file, place.line, place.function) == ("/app/slow.py", 7, "slow")
    assert (piece.start_s, piece.end_s) == (1.0, pytest.approx(1.2))
    assert piece.held_s == pytest.approx(0.2)
    assert piece.cause == Cause(5, "GET /slow")
    assert piece.diagnosis is Diagnosis.BLOCKING_IO


def test_a_line_is_one_place_however_often_it_holds():
    """In every process, and for every request."""
    places, pieces = held([hold(1.0, 0.2), hold(2.0, 0.3, number=2), hold(2.0, 0.1, pid=2)])
    assert {piece.place for piece in pieces} == {0}
    assert places[0].held_s == pytest.approx(0.6)


def test_a_line_with_several_calls_is_one_place():
    """It goes by the heaviest of them, and each piece says which; functions stay apart."""
    dumps = replace(SLOW, call="json.dumps", target="json.dumps")
    other = replace(SLOW, function="another")
    holds = [hold(1.0, 0.1, frame=dumps), hold(2.0, 0.3), hold(3.0, 0.2, frame=other)]
    places, pieces = held(holds)
    assert [(each.function, each.target) for each in places] == [
        ("slow", "time.sleep"),
        ("another", "time.sleep"),
    ]
    assert [(each.place, each.call) for each in pieces] == [
        (0, "json.dumps"),
        (0, "time.sleep"),
        (1, "time.sleep"),
    ]
    assert places[0].held_s == pytest.approx(0.4)


def test_a_stall_of_several_requests_is_cut_into_their_pieces():
    """Two requests in a row hold the loop in one stall, each for its own time."""
    parts = [(0.3, SLOW, Cause(1, "GET /slow")), (0.1, QUOTE, Cause(2, "GET /quote"))]
    _, pieces = held([together(4.0, parts)])
    assert [(p.held_s, p.cause.number) for p in pieces] == [
        (pytest.approx(0.3), 1),
        (pytest.approx(0.1), 2),
    ]


def test_what_the_machine_took_is_nobodys():
    """A stall that waited for a core half of the time held the loop for the other half."""
    caused = hold(1.0, 0.2)
    starved = replace(caused.stall, length_s=0.4, starved_s=0.2)
    _, (piece,) = held([replace(caused, stall=starved)])
    assert piece.held_s == pytest.approx(0.2)
    assert piece.end_s - piece.start_s == pytest.approx(0.4)


def test_a_wait_that_may_have_been_one_for_the_gil_is_nobodys():
    """Where the system does not tell; a load is not measured again, as an endpoint would be."""
    caused = hold(1.0, 0.2)
    unsure = replace(caused.stall, unsure_s=0.15)
    _, (piece,) = held([replace(caused, stall=unsure)])
    assert piece.held_s == pytest.approx(0.05)


def test_a_collection_is_not_counted_as_computing():
    """The collector began it of itself."""
    caused = hold(1.0, 0.2, on_cpu=True)
    collected = replace(caused, stall=replace(caused.stall, gc_s=0.15))
    _, (piece,) = held([collected])
    assert piece.held_s == pytest.approx(0.05)
    assert piece.diagnosis is Diagnosis.BLOCKING_CPU


def test_a_call_that_keeps_the_gil_in_another_thread_is_a_place_too():
    """Whose request it was is not known there."""
    caused = hold(1.0, 0.0)
    holder = Stack((QUOTE,), 0.3, on_cpu=True)
    stall = replace(caused.stall, stacks=(), length_s=0.3, gil_s=0.3, gil_held_s=0.3)
    caused = replace(caused, stall=replace(stall, culprit=holder), causes=())
    places, (piece,) = held([caused])
    assert (places[piece.place].line, piece.diagnosis) == (12, Diagnosis.GIL_HELD)
    assert (piece.held_s, piece.cause) == (pytest.approx(0.3), None)


def test_what_was_seen_at_no_call_belongs_to_the_call_of_its_line():
    """A sample between two instructions of a line is no second finding."""
    bare = replace(SLOW, call=None, target=None)
    _, pieces = held([hold(1.0, 0.2), hold(2.0, 0.01, frame=bare)])
    assert len({piece.place for piece in pieces}) == 1


def test_a_parked_loop_holds_nothing():
    """A stack without frames is the loop waiting for work."""
    caused = hold(1.0, 0.2)
    parked = replace(caused.stall, stacks=(Stack((), 0.2, on_cpu=False),))
    assert held([replace(caused, stall=parked)]) == ([], [])
