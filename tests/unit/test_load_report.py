from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from builders import trace
from loads import QUOTE, SLOW, counted, hold, request, together

from neverblock.analysis.load.generators import Generators
from neverblock.analysis.load.report import LoadSeen, load_of
from neverblock.causes import Cause
from neverblock.measurement import Frame, Standing
from neverblock.model import Beat, Verdict
from neverblock.report.load_words import finding_sentence, loop_sentence, table_sentences
from neverblock.result import Control, Criterion

SEEN = Control(True, 0.1, 0.1, "null_app.py:1", "null_app.py:1")
BEATS = tuple(Beat(float(at), 10, at * 0.2, 0.001, 5) for at in range(1, 11))
FREE = [request("GET /free", at / 10, 0.01, number=at) for at in range(1, 90)]
HELD = [
    *(request("GET /slow", float(at), 0.2, number=at + 100) for at in range(1, 7)),
    *(request("GET /free", at + 0.1, 0.11, number=at + 200) for at in range(1, 7)),
]
HOLDS = tuple(hold(float(at), 0.2, number=at + 100) for at in range(1, 7))


def loaded(requests=(), stalls=(), *, beats=BEATS, control=SEEN, more=MappingProxyType({}), **seen):
    """Give what is kept of a load on one process."""
    watched = replace(trace(**seen), pids=(1,))
    asked = [*FREE, *requests]
    everything = LoadSeen(asked, counted(asked), beats, stalls, watched, control, **more)
    return load_of(everything, Criterion(), lambda found: found)


def test_a_line_that_holds_the_loop_fails_the_load_and_says_what_others_lost():
    """As often and as long as it did, and whom it hit."""
    load = loaded(HELD, HOLDS)
    (found,) = load.findings
    assert load.verdict is Verdict.FAIL
    assert (found.file, found.line, found.code) == ("/app/slow.py", 7, "NB101")
    assert (found.holds, found.held_s) == (6, pytest.approx(1.2))
    assert found.routes == ("GET /slow",)
    assert found.others_requests == 6
    assert found.others_worst_s == pytest.approx(0.1)
    assert found.victims == {"GET /free": 6}
    assert "/app/slow.py:7" in load.reason


def test_a_line_with_several_calls_is_one_finding_with_their_shares():
    """And its holds, its time and what others lost are those of the line."""
    dumps = replace(SLOW, call="json.dumps", target="json.dumps")
    third = [hold(float(at), 0.2, number=at + 100, frame=dumps) for at in (1, 2)]
    (found,) = loaded(HELD, (*third, *HOLDS[2:])).findings
    assert (found.target, found.holds) == ("time.sleep", 6)
    assert found.calls == {"time.sleep": pytest.approx(2 / 3), "json.dumps": pytest.approx(1 / 3)}
    assert found.others_requests == 6
    assert "(time.sleep 67%, json.dumps 33%)" in finding_sentence(found)


def test_the_endpoint_that_lost_most_is_named_where_it_is_the_majority():
    """One with a twentieth of the losses would stand for nobody."""
    (found,) = loaded(HELD, HOLDS).findings
    assert "100% of them GET /free" in finding_sentence(found)
    many = replace(found, victims={"GET /a": 3.0, "GET /b": 2.0, "GET /c": 1.0})
    assert "of them" not in finding_sentence(many)


def test_names_that_one_route_answers_are_said_to_share_a_figure():
    """What others lost is known of the route, and stands beside each of its names."""
    load = loaded(HELD, HOLDS)
    assert not any("one route" in said for said in table_sentences(load))
    first = load.endpoints[0]
    twice = replace(load, endpoints=(*load.endpoints, replace(first, name=f"{first.name}?page=2")))
    assert any("one route" in said for said in table_sentences(twice))


def test_findings_are_ranked_by_what_others_lost():
    """And not by how long they held the loop: a long hold at night harms nobody."""
    nightly = [hold(at + 100.0, 3.0, number=at, frame=QUOTE, route="GET /night") for at in (1, 2)]
    load = loaded(HELD, (*HOLDS, *nightly))
    assert [found.line for found in load.findings] == [7, 12]
    assert load.findings[1].others_requests == 0


def test_a_short_hold_passes_and_is_not_named():
    """Ten milliseconds at a time are below the limit, and cost others next to nothing."""
    load = loaded(HELD, [hold(at, 0.01, number=200 + at) for at in range(1, 5)])
    assert (load.verdict, load.findings) == (Verdict.PASS, ())


def test_waits_of_one_request_add_up():
    """Three waits of 30 ms in one request are 90 ms, as in a check."""
    waits = [hold(2.0 + at / 10, 0.03, number=150) for at in range(3)]
    assert loaded(HELD, waits).verdict is Verdict.FAIL
    computing = [hold(2.0 + at / 10, 0.03, number=150, on_cpu=True) for at in range(3)]
    assert loaded(HELD, computing).verdict is Verdict.PASS


def test_the_first_request_of_a_route_in_a_process_is_its_warm_up():
    """What it imports or opens holds the loop once; a later request that does so fails."""
    slow = [request("GET /slow", float(at), 0.2, number=at) for at in (3, 4)]
    assert loaded(slow, [hold(3.0, 0.2, number=3)]).verdict is Verdict.PASS
    assert loaded(slow, [hold(4.0, 0.2, number=4)]).verdict is Verdict.FAIL


def test_what_runs_before_a_routes_first_answer_is_its_warm_up():
    """Of requests that come at once another may be ahead of the first; one that fits no route."""
    at_once = [request("GET /slow", 3.0, 0.3, number=at) for at in (3, 4, 5)]
    assert loaded(at_once, [hold(3.1, 0.1, number=4)]).verdict is Verdict.PASS
    assert loaded(at_once, [hold(3.25, 0.1, number=4)]).verdict is Verdict.FAIL
    again = [hold(3.0, 0.1, number=4), hold(3.1, 0.1, number=5)]
    assert loaded(at_once, again).verdict is Verdict.FAIL
    nowhere = [request("GET /no", 3.0, 0.3, number=3)._replace(route=None)]
    unknown = [hold(at, 0.1, number=3, route=None) for at in (3.1, 4.1)]
    assert loaded(nowhere, unknown[:1]).verdict is Verdict.PASS
    assert loaded(nowhere, unknown).verdict is Verdict.FAIL


def test_background_work_needs_no_warm_up():
    """A line that no request runs may hold the loop at any time."""
    assert loaded([], [together(5.0, [(0.2, SLOW, None)])]).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("on_cpu", "verdict", "said"), [(True, Verdict.PASS, "but "), (False, Verdict.FAIL, "waits on")]
)
def test_many_short_holds_that_cost_others_much_are_named(on_cpu, verdict, said):
    """Each is within the limit; waits in sum are no better than one long one, as in a check."""
    holds = [
        together(at / 10, [(0.04, SLOW, Cause(500 + at, "GET /slow"))], on_cpu=on_cpu)
        for at in range(1, 300)
    ]
    asked = [request("GET /free", at / 10, 0.05, number=at) for at in range(1, 300)]
    # Most of the load is of the endpoint that holds: its own requests' time excuses nothing.
    own = [request("GET /slow", at / 10, 3.0, number=500 + at) for at in range(1, 300)]
    load = loaded([*asked, *own], holds)
    assert load.verdict is verdict
    assert load.findings[0].others_lost_s > 5
    assert said in load.reason
    assert "/app/slow.py:7" in load.reason


def test_endpoints_have_their_figures():
    """Rate over the whole load, percentiles within one per cent, failures, and what they lost."""
    failing = [request("POST /orders", 2.0 + at, 0.5, error="answered 500") for at in range(4)]
    load = loaded([*HELD, *failing], HOLDS)
    figures = {each.name: each for each in load.endpoints}
    free = figures["GET /free"]
    assert (free.requests, free.failures, free.route) == (95, 0, "GET /free")
    assert free.rate_per_s == pytest.approx(95 / load.duration_s)
    assert free.p50_s == pytest.approx(0.01, rel=0.01)
    assert free.max_s == pytest.approx(0.11)
    assert load.endpoints[0].lost_s == max(each.lost_s for each in load.endpoints)
    assert figures["POST /orders"].failures == 4
    assert free.answers == {"200": 95}
    assert figures["POST /orders"].answers == {"answered 500": 4}
    assert any("4 of" in note and "answered 500" in note for note in load.notes)


def test_a_queue_is_a_note_and_no_verdict():
    """Most requests stood before a lock, and the load passes as before."""
    lock = Frame("/lib/asyncio/locks.py", 114, "Lock.acquire", "stdlib")
    load = loaded(standing=(Standing((lock, QUOTE), 6.0),), in_flight=8.0)
    assert (load.verdict, load.reason) == (Verdict.PASS, loaded().reason)
    assert [(each.line, each.share) for each in load.waits] == [(12, 0.75)]
    assert load.notes[-1].startswith("75 % of the requests in flight stood at /app/quote.py:12 ")
    assert loaded().waits == ()


def test_coordinated_omission_is_said_where_the_figures_stand():
    """In a closed loop users who wait send nothing; at a rate of its own nothing is left out."""
    assert "Each user waits for an answer" in loop_sentence(loaded())
    paced = loop_sentence(loaded(more={"arrival_rate_per_s": 200.0}))
    assert "Tasks began 200 times a second" in paced
    assert "counts from when it was due" in paced


def test_a_generator_that_is_the_limit_makes_the_load_inconclusive():
    """Its figures are its own; a line that was seen holding the loop is still at fault."""
    busy = tuple(Beat(float(at), 10, at * 0.95, 0.001, 5) for at in range(1, 11))
    assert loaded(beats=busy).verdict is Verdict.INCONCLUSIVE
    assert "load generator was the limit" in loaded(beats=busy).reason
    assert "--workers 2 would do" in loaded(beats=busy).reason
    four = {"generators": Generators(4)}
    assert "--workers 8 would do" in loaded(beats=busy, more=four).reason
    assert loaded(HELD, HOLDS, beats=busy).verdict is Verdict.FAIL


def test_a_probe_that_cannot_be_trusted_makes_the_load_inconclusive():
    """Neither a failed control nor a silent worker may pass, nor blame anybody."""
    blind = replace(SEEN, seen=False, complaint="it saw nothing")
    assert loaded(HELD, HOLDS, control=blind).verdict is Verdict.INCONCLUSIVE
    silent = loaded(armed=False, complaint="The probe in process 1 did not arm.")
    assert (silent.verdict, silent.reason) == (
        Verdict.INCONCLUSIVE,
        "The probe in process 1 did not arm.",
    )


def test_a_load_that_is_not_whole_never_passes_and_keeps_what_came_home():
    """A generator was lost: nothing is judged, and what held the loop until then is still named."""
    lost = Generators(came=4, missing="The load is not whole: one of them is lost.")
    load = loaded(HELD, HOLDS, more={"generators": lost, "unsure_s": 0.002})
    assert (load.verdict, load.reason) == (Verdict.INCONCLUSIVE, lost.missing)
    assert (load.workers, load.clock_uncertainty_s) == (4, 0.002)
    assert load.findings[0].line == 7
    assert load.endpoints


def test_users_and_lag_of_several_generators_are_those_of_all():
    """Users add up at one instant, and the busiest generator is the one that may be the limit."""
    beats = [
        Beat(float(at), users, at * share, lag_s, 5, worker)
        for at in range(1, 11)
        for worker, users, share, lag_s in (("a", 30, 0.1, 0.02), ("b", 20, 0.95, 0.01))
    ]
    load = loaded(beats=beats)
    assert load.users == 50
    assert load.generator.cpu_share == pytest.approx(0.95)
    assert load.generator.max_lag_s == pytest.approx(0.02)
    assert "--workers" in load.reason


def test_a_load_of_which_every_request_fails_is_an_error():
    """It measured the way a server refuses."""
    failing = [each._replace(error="connection refused") for each in FREE]
    seen = LoadSeen(failing, counted(failing), BEATS, (), replace(trace(), pids=(1,)), SEEN)
    load = load_of(seen, Criterion(), lambda found: found)
    assert load.verdict is Verdict.ERROR
    assert "connection refused" in load.reason
