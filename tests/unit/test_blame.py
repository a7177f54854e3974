"""Stalls in; the user's own line out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import SLEEP, stall

from neverblock.analysis.blame import FRAMEWORK_NOTE, GIL_NOTE, blame, headline
from neverblock.measurement import Frame, Stack
from neverblock.model import Diagnosis, Endpoint

LIBRARY = Frame("/site-packages/requests/api.py", 73, "get", "library", call="session.request")
ENDPOINT = Frame("/app/main.py", 7, "users", "project", call="load_user")
JSON = Frame("/site-packages/starlette/responses.py", 190, "render", "framework", call="dumps")


def test_the_headline_is_the_innermost_frame_of_the_project():
    """Not an os.stat deep inside a library, and not the endpoint that called a helper."""
    own = replace(SLEEP, call="requests.get", target="requests.api.get")
    stack = Stack((LIBRARY, own, ENDPOINT), 0.3, on_cpu=False)
    (found,) = blame(
        [stall(0, 0.3, off_cpu_s=0.3, stacks=(stack,))], Diagnosis.BLOCKING_IO, requests=1
    )
    assert (found.file, found.line, found.function) == ("/app/db.py", 41, "load_user")
    assert (found.call, found.target, found.on_cpu) == ("requests.get", "requests.api.get", False)
    assert found.held_s == pytest.approx(0.3)
    assert found.path == (LIBRARY, own, ENDPOINT)
    assert found.advice is not None
    assert "httpx" in found.advice.instead


def test_work_of_the_framework_is_blamed_and_says_so():
    """Nothing of the project is on the stack while a response is rendered."""
    stack = Stack((JSON,), 0.3, on_cpu=True)
    (found,) = blame(
        [stall(0, 0.3, on_cpu_s=0.3, stacks=(stack,))], Diagnosis.BLOCKING_CPU, requests=1
    )
    assert (found.file, found.note) == (JSON.file, FRAMEWORK_NOTE)


def test_the_other_thread_is_blamed_for_a_held_gil():
    """The loop thread's own stack has nothing to do with it."""
    culprit = Stack((replace(SLEEP, call="re.match", target="re.match"),), 0.5, on_cpu=True)
    frozen = stall(0, 0.5, gil_s=0.5, gil_held_s=0.5, culprit=culprit)
    (found,) = blame([frozen], Diagnosis.GIL_HELD, requests=1)
    assert (found.line, found.note, found.on_cpu) == (41, GIL_NOTE, True)


def test_a_thread_that_was_seen_too_late_outvotes_nobody():
    """Its stack is where it hands its result over; another stall saw the call itself."""
    seen = Stack((replace(SLEEP, call="re.match"),), 0.1, on_cpu=True)
    late = Stack((replace(JSON, function="set_result"),), 0.5, on_cpu=True)
    nowhere = Stack((), 0.7, on_cpu=True)
    stalls = [
        stall(at, 0.8, gil_s=0.8, gil_held_s=culprit.weight_s, culprit=culprit)
        for at, culprit in enumerate([late, seen, nowhere])
    ]
    (found,) = blame(stalls, Diagnosis.GIL_HELD, requests=1, endpoint=ENDPOINT)
    assert (found.line, found.held_s) == (SLEEP.line, pytest.approx(0.1))
    (found,) = blame([stalls[0]], Diagnosis.GIL_HELD, requests=1, endpoint=ENDPOINT)
    assert found.line == ENDPOINT.line


def test_a_thread_is_blamed_for_no_more_than_it_computed():
    """Another one kept the GIL for longer in the same stall, and was seen too late."""
    little = Stack((replace(SLEEP, function="store_user"),), 0.01, on_cpu=True)
    much = Stack((SLEEP,), 0.3, on_cpu=True)
    stalls = [
        stall(0, 0.5, gil_s=0.5, gil_held_s=0.4, culprit=little),
        stall(1, 0.5, gil_s=0.5, gil_held_s=0.3, culprit=much),
    ]
    (found,) = blame(stalls, Diagnosis.GIL_HELD, requests=1)
    assert (found.function, found.held_s) == (SLEEP.function, pytest.approx(0.3))


def test_places_are_summed_over_stalls_and_ranked():
    """The line that held the loop the longest in total comes first."""
    other = replace(SLEEP, line=50)
    stalls = [
        stall(0, 0.3, off_cpu_s=0.3, stacks=(Stack((other,), 0.3, on_cpu=False),)),
        stall(1, 0.2, off_cpu_s=0.2),
        stall(2, 0.2, off_cpu_s=0.2),
    ]
    found = blame(stalls, Diagnosis.BLOCKING_IO, requests=1)
    assert [(f.line, pytest.approx(f.held_s)) for f in found] == [(41, 0.4), (50, 0.3)]


def test_what_held_the_loop_for_next_to_nothing_is_left_out():
    """A request's ordinary system calls are no finding beside a real one."""
    small = replace(SLEEP, line=99)
    stalls = [
        stall(0, 1.0, off_cpu_s=1.0),
        stall(1, 0.002, off_cpu_s=0.002, stacks=(Stack((small,), 0.002, on_cpu=False),)),
    ]
    assert [f.line for f in blame(stalls, Diagnosis.BLOCKING_IO, requests=1)] == [41]


def test_a_computation_spread_over_lines_is_one_place():
    """The function's heaviest line speaks for all of it."""
    lines = [Stack((replace(SLEEP, line=n),), n / 1000, on_cpu=True) for n in (43, 44, 45)]
    (found,) = blame(
        [stall(0, 0.132, on_cpu_s=0.132, stacks=tuple(lines))], Diagnosis.BLOCKING_CPU, requests=1
    )
    assert found.line == 45
    assert found.held_s == pytest.approx(0.132)


@pytest.mark.parametrize("diagnosis", [Diagnosis.CONCURRENT, Diagnosis.SERIALIZED])
def test_nobody_is_blamed_where_the_loop_was_free(diagnosis):
    """A serialized endpoint has no line that held the loop."""
    assert blame([stall(0, 0.3, off_cpu_s=0.3)], diagnosis, requests=1) == ()


def test_the_endpoints_definition_stands_for_the_frameworks_work():
    """Its own line is what a person can open; the framework's call is named beside it."""
    stack = Stack((JSON,), 0.4, on_cpu=True)
    found = blame(
        [stall(0, 0.4, on_cpu_s=0.4, stacks=(stack,))],
        Diagnosis.BLOCKING_CPU,
        requests=2,
        endpoint=ENDPOINT,
    )[0]
    assert (found.file, found.line, found.function) == ("/app/main.py", 7, "users")
    assert (found.call, found.note) == ("dumps", FRAMEWORK_NOTE)
    assert found.held_s == pytest.approx(0.2)


ROUTE = Endpoint("users", "GET", "/users/{id}")


@pytest.mark.parametrize(
    ("target", "call", "told"),
    [
        ("requests.api.get", "get", " -> requests.api.get"),
        (None, "self.session.get", " -> self.session.get"),
        (None, None, ""),
    ],
)
def test_a_headline_joins_route_own_frame_and_call(target, call, told):
    """The call stands as the source has it where nobody knows what it really is."""
    own = replace(SLEEP, target=target, call=call)
    stack = Stack((LIBRARY, own, ENDPOINT), 0.3, on_cpu=False)
    stalls = [stall(0, 0.3, off_cpu_s=0.3, stacks=(stack,))]
    (found,) = blame(stalls, Diagnosis.BLOCKING_IO, requests=1)
    assert headline(ROUTE, found) == f"GET /users/{{id}}: /app/db.py:41 load_user{told}"


def test_a_headline_says_that_the_framework_worked():
    """It stands on the endpoint, whose own code called nothing."""
    stack = Stack((replace(JSON, target="json.dumps"),), 0.3, on_cpu=True)
    stalls = [stall(0, 0.3, on_cpu_s=0.3, stacks=(stack,))]
    (found,) = blame(stalls, Diagnosis.BLOCKING_CPU, requests=1, endpoint=ENDPOINT)
    told = "GET /users/{id}: /app/main.py:7 users -> json.dumps (in the framework)"
    assert headline(ROUTE, found) == told


def test_a_headline_says_that_another_thread_called():
    """The endpoint of a held GIL may be innocent code on a loop that is free."""
    culprit = Stack((replace(SLEEP, call="re.match", target="re.match"),), 0.5, on_cpu=True)
    stalls = [stall(0, 0.5, gil_s=0.5, gil_held_s=0.5, culprit=culprit)]
    (found,) = blame(stalls, Diagnosis.GIL_HELD, requests=1)
    assert headline(ROUTE, found).endswith("load_user -> re.match (in another thread)")
