"""A suspect's state follows from what was measured, and from nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import (
    SLEEP,
    burst_round,
    judged,
    measured,
    parallel,
    result,
    run,
    serial,
    solo,
    stall,
)

from neverblock.analysis.suspects.routes import Handler, routes_of
from neverblock.analysis.suspects.states import Lineup, judge_suspects, unsuspected
from neverblock.measurement import Stack
from neverblock.model import Endpoint, Verdict
from neverblock.plan import Suspect
from neverblock.result import Blame, Control, Unchecked
from neverblock.result.suspects import SuspectState

LINE = Suspect(SLEEP.file, SLEEP.line, "ASYNC251", "no time.sleep", "ruff")
NAME = "GET /users/{user_id}"
PLACE = (SLEEP.file, SLEEP.line)
RAN = {NAME: {PLACE: 13}}
NO_TIME = {}
HANDLER = replace(SLEEP, file="/app/main.py", line=9, function="user", call="load_user")


def endpoint(found, name=NAME, **more):
    """Give a result of the endpoint that has the line."""
    method, _, path = name.partition(" ")
    return replace(found, endpoint=Endpoint(name, method, path), **more)


def free(**more):
    """Give an endpoint that holds nothing."""
    return endpoint(judged(measured(solo(0.05), burst_round(parallel(0.05)))), **more)


def holding(seconds, **more):
    """Give an endpoint each of whose requests waits at the line for some seconds."""
    stalls = [stall(i, seconds, off_cpu_s=seconds) for i in range(10)]
    alone = solo(0.5, *(stall(i, seconds, off_cpu_s=seconds) for i in range(3)))
    return endpoint(judged(measured(alone, burst_round(serial(0.5), *stalls))), **more)


def state(*results, suspect=LINE, routes=(NAME,), ran=RAN, spent=NO_TIME, complaint=None, **more):
    """Judge one suspect by a run of these results."""
    whole = run(*results, **more)
    (found,) = judge_suspects(whole, Lineup((suspect,), (routes,), ran, spent, complaint))
    return found


def test_a_line_that_held_the_loop_is_confirmed():
    """With the endpoint, how often it ran, and for how long it held the loop at once."""
    found = state(holding(0.1))
    assert (found.state, found.endpoint, found.runs) == (SuspectState.CONFIRMED, NAME, 13)
    assert found.longest_s == pytest.approx(0.1)
    assert "100 ms a request" in found.why


def test_a_line_that_calls_what_held_the_loop_is_confirmed():
    """The handler's line is on the stack, and its callee waits."""
    stacks = (Stack((SLEEP, HANDLER), 0.1, on_cpu=False),)
    held = burst_round(
        serial(0.5), *(stall(i, 0.1, off_cpu_s=0.1, stacks=stacks) for i in range(10))
    )
    caller = replace(LINE, file=HANDLER.file, line=HANDLER.line)
    found = endpoint(judged(measured(solo(0.5), held)))
    assert state(found, suspect=caller, ran={}).state is SuspectState.CONFIRMED
    other = replace(caller, line=HANDLER.line + 1)
    assert state(found, suspect=other, ran={}).state is SuspectState.NOT_REACHED


def test_a_finding_confirms_with_its_code():
    """Also where the burst's own samples do not show the line."""
    place = Blame(SLEEP.file, SLEEP.line, "load_user", "time.sleep", 0.3, on_cpu=False)
    found = state(result(Verdict.FAIL, blame=(place,)))
    assert (found.state, found.code) == (SuspectState.CONFIRMED, "NB101")
    assert found.longest_s == pytest.approx(0.3)


def test_a_line_that_ran_and_held_nothing_is_harmless():
    """With how often it ran, and the resolution as what it held at most."""
    found = state(free())
    assert (found.state, found.runs, found.longest_s) == (SuspectState.HARMLESS, 13, None)
    assert found.why == "ran 13 times, and held the loop each time under 2 ms"


def computing(seconds):
    """Give an endpoint that computes, in which the line is sampled and another is as well."""
    there = Stack((SLEEP,), seconds / 4, on_cpu=True)
    elsewhere = Stack((HANDLER,), seconds, on_cpu=True)
    stalls = [stall(i, seconds, on_cpu_s=seconds, stacks=(there, elsewhere)) for i in range(10)]
    return endpoint(judged(measured(solo(0.5), burst_round(serial(0.5), *stalls))))


def test_the_clock_of_a_line_counts_more_than_samples_of_its_computing():
    """They show too often where the GIL is given away, and its every run was timed."""
    short, long = ({NAME: {PLACE: (13, seconds)}} for seconds in (0.0008, 1.3))
    cleared = state(computing(0.1), spent=short)
    assert (cleared.state, cleared.runs, cleared.code) == (SuspectState.HARMLESS, 13, None)
    assert cleared.longest_s is None
    for untimed in (long, {}):
        assert state(computing(0.1), spent=untimed).state is SuspectState.CONFIRMED
    assert state(holding(0.1), spent=short).state is SuspectState.CONFIRMED


def test_a_clock_that_missed_a_run_clears_nobody():
    """The one that was missed may be the long one."""
    missed = {NAME: {PLACE: (12, 0.0008)}}
    assert state(computing(0.1), spent=missed).state is SuspectState.CONFIRMED
    lineup = Lineup(
        (LINE,), ((NAME,),), RAN, {NAME: {PLACE: (13, 0.0008)}}, at_least=frozenset({PLACE})
    )
    (found,) = judge_suspects(run(computing(0.1)), lineup)
    assert found.state is SuspectState.CONFIRMED


def test_a_line_that_ran_more_often_than_was_counted_ran_at_least_so_often():
    """No number is given as if it were all."""
    lineup = Lineup((LINE,), ((NAME,),), RAN, at_least=frozenset({PLACE}))
    (found,) = judge_suspects(run(free()), lineup)
    assert found.why.startswith("ran at least 13 times")


def test_a_line_that_held_the_loop_for_less_than_the_resolution_is_harmless():
    """One sample of it in ten requests is shown, and does not confirm it."""
    held = burst_round(parallel(0.05), stall(1, 0.004, off_cpu_s=0.004))
    found = state(endpoint(judged(measured(solo(0.05), held))))
    assert found.state is SuspectState.HARMLESS
    assert found.longest_s == pytest.approx(0.004)
    assert "once for 4 ms, and under 2 ms a request" in found.why


def test_a_line_that_did_not_run_is_not_reached():
    """With the value that was made up for its endpoint's request."""
    found = state(free(made_up=("user_id",)), ran={NAME: {}})
    assert (found.state, found.endpoint, found.runs) == (SuspectState.NOT_REACHED, NAME, 0)
    sentence, _, lines = found.why.partition("\n")
    assert "made up for user_id" in sentence
    assert 'path = { user_id = "..." }' in lines


def test_a_line_whose_routes_were_not_asked_is_not_asked():
    """With the reason, and the lines of configuration that would ask it."""
    left = Unchecked("POST", "/users", 'add\n[[tool.neverblock.endpoint]]\nname = "POST /users"')
    found = state(free(), routes=("POST /users",), ran={NAME: {}}, unchecked=(left,))
    assert (found.state, found.endpoint) == (SuspectState.NOT_ASKED, "POST /users")
    assert 'name = "POST /users"' in found.why


def test_a_route_that_could_not_be_measured_was_not_asked():
    """Its error is the reason, though the line ran in a request that failed."""
    broken = endpoint(result(Verdict.ERROR))
    found = state(broken)
    assert (found.state, found.runs) == (SuspectState.NOT_ASKED, 0)
    assert "could not be measured" in found.why


def test_a_line_of_an_unknown_route_that_ran_gets_the_endpoint_that_ran_it():
    """What was measured says which route reaches it, where no analysis does."""
    found = state(free(), routes=())
    assert (found.state, found.endpoint) == (SuspectState.HARMLESS, NAME)


def test_a_line_of_an_unknown_route_that_never_ran_is_not_known():
    """Whether its route was asked cannot be told."""
    found = state(free(), routes=(), ran={NAME: {}})
    assert (found.state, found.endpoint) == (SuspectState.NOT_KNOWN, None)
    assert "which route reaches it is not known" in found.why


def test_a_line_that_ran_in_no_request_is_not_known_to_block_any():
    """As the app starts, or in the background: it is said, since no request will ever tell."""
    lineup = Lineup((LINE,), ((),), {}, at_all=frozenset({PLACE}))
    (found,) = judge_suspects(run(free()), lineup)
    assert found.state is SuspectState.NOT_KNOWN
    assert "as the app started or in the background" in found.why


def test_where_nobody_counted_it_is_not_known_whether_a_line_ran():
    """Neither harmless nor not reached may be said; what held the loop still confirms."""
    untold = {"ran": None, "complaint": "the app's Python is 3.11"}
    found = state(free(), **untold)
    assert (found.state, found.runs) == (SuspectState.NOT_KNOWN, None)
    assert "the app's Python is 3.11" in found.why
    assert state(holding(0.1), **untold).state is SuspectState.CONFIRMED


def test_a_run_without_its_positive_control_proves_no_line_harmless():
    """No verdict counts there, and so no state is known."""
    blind = Control(seen=False, block_s=0.1, seen_s=0.0, line="n:1", seen_line=None)
    found = state(free(), control=blind)
    assert (found.state, found.endpoint) == (SuspectState.NOT_KNOWN, NAME)
    assert "positive control" in found.why


def test_an_endpoint_that_the_probe_did_not_watch_proves_nothing():
    """It was asked, and nobody saw what it held or ran."""
    found = free()
    loop = replace(found.measurement.loop, armed=False)
    unwatched = replace(found, measurement=replace(found.measurement, loop=loop))
    seen = state(unwatched, ran={})
    assert (seen.state, seen.endpoint) == (SuspectState.NOT_KNOWN, NAME)


def test_an_endpoint_whose_hold_has_no_line_proves_no_line_harmless():
    """It fails, and what held the loop may have been this line."""
    found = holding(0.1)
    place = (Stack((), 0.1, on_cpu=False),)
    loop = replace(
        found.measurement.loop,
        stalls=tuple(replace(one, stacks=place) for one in found.measurement.loop.stalls),
    )
    unnamed = replace(found, measurement=replace(found.measurement, loop=loop), blame=())
    assert unnamed.judgement.verdict is Verdict.FAIL
    assert state(unnamed).state is SuspectState.NOT_KNOWN


def test_what_nobody_suspected_is_listed():
    """A place counts as suspected by a suspect anywhere on the way to it."""
    place = Blame("db.py", 41, "load", "time.sleep", 0.3, on_cpu=False, path=(SLEEP, HANDLER))
    other = replace(place, line=50, path=())
    found = run(endpoint(result(Verdict.FAIL, blame=(place, other))))
    suspects = judge_suspects(found, Lineup((replace(LINE, file=HANDLER.file, line=9),), ((),)))
    assert unsuspected(replace(found, suspects=suspects)) == ((NAME, other),)
    assert len(unsuspected(replace(found, suspects=()))) == 2


HANDLERS = (
    Handler("GET /a", "/app/main.py", 10, 20),
    Handler("GET /b", "/app/main.py", 30, 40),
    Handler("GET /a", "/app/main.py", 50, 55),
    Handler("GET /b", "/app/main.py", 50, 55),
)


@pytest.mark.parametrize(
    ("line", "chain", "routes"),
    [
        (12, (), ("GET /a",)),
        (52, (), ("GET /a", "GET /b")),
        (60, (), ()),
        (60, (("/app/main.py", 31), ("/app/main.py", 12)), ("GET /b",)),
        (12, (("/app/other.py", 31),), ("GET /a",)),
    ],
    ids=["a handler", "a dependency of both", "a helper", "the chain first", "a chain elsewhere"],
)
def test_routes_are_those_of_the_chain_or_of_the_function_around_the_line(line, chain, routes):
    """A helper alone belongs to no route that is known."""
    suspect = Suspect("/app/main.py", line, "R", "", "s", chain)
    assert routes_of(suspect, HANDLERS) == routes
