"""Stalls in; the user's own line out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import SLEEP, stall

from neverblock.analysis.blame import (
    FRAMEWORK_NOTE,
    GIL_NOTE,
    WORST,
    blame,
    headline,
    line_in,
    package_of,
)
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


LOGS = replace(ENDPOINT, call="log.info", target="logging.Logger.info")
HANDLES = Frame("/python3.11/logging/__init__.py", 978, "Handler.handle", "stdlib")


@pytest.mark.parametrize(
    ("frames", "diagnosis", "instead"),
    [
        ((HANDLES, LOGS), Diagnosis.BLOCKING_IO, "QueueHandler"),
        ((LOGS,), Diagnosis.BLOCKING_IO, "asyncio.sleep"),
        ((HANDLES,), Diagnosis.BLOCKING_IO, "asyncio.sleep"),
        ((HANDLES, LOGS), Diagnosis.BLOCKING_CPU, "asyncio.sleep"),
        (
            (HANDLES, replace(LOGS, target="vendor.Log.info")),
            Diagnosis.BLOCKING_IO,
            "asyncio.sleep",
        ),
        ((replace(HANDLES, owner="framework"), LOGS), Diagnosis.BLOCKING_IO, "asyncio.sleep"),
    ],
)
def test_what_a_library_calls_back_is_told_about_the_library(frames, diagnosis, instead):
    """A handler of the user's own waits, and logging calls it: it can await nothing there."""
    own = replace(SLEEP, call="time.sleep", target="time.sleep")
    stack = Stack((own, *frames), 0.3, on_cpu=diagnosis is Diagnosis.BLOCKING_CPU)
    stalls = [stall(0, 0.3, off_cpu_s=0.3, on_cpu_s=0.3, stacks=(stack,))]
    (found,) = blame(stalls, diagnosis, requests=1)
    assert (found.line, instead in found.advice.instead) == (own.line, True)


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
    little = Stack((replace(SLEEP, line=50),), 0.05, on_cpu=True)
    much = Stack((SLEEP,), 0.3, on_cpu=True)
    stalls = [
        stall(0, 0.5, gil_s=0.5, gil_held_s=0.4, culprit=little),
        stall(1, 0.5, gil_s=0.5, gil_held_s=0.3, culprit=much),
    ]
    found = blame(stalls, Diagnosis.GIL_HELD, requests=1)
    assert [(f.line, f.held_s) for f in found] == [(41, pytest.approx(0.3)), (50, 0.05)]


def test_a_thread_of_the_apps_own_is_no_requests_culprit():
    """What no request ran is listed apart."""
    own = Stack((SLEEP,), 0.3, on_cpu=True, background=True)
    waited = Stack((SLEEP,), 0.3, on_cpu=False, background=True)
    stalls = [stall(0, 0.3, gil_held_s=0.3, off_cpu_s=0.3, stacks=(waited,), culprit=own)]
    for diagnosis in (Diagnosis.GIL_HELD, Diagnosis.BLOCKING_IO):
        assert blame(stalls, diagnosis, requests=1) == ()


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


def computed(*stacks):
    """Blame one stall's computing on these stacks, a second for each of their weights."""
    total_s = sum(weight_s for _, weight_s in stacks)
    sampled = tuple(Stack(frames, weight_s, on_cpu=True) for frames, weight_s in stacks)
    stalls = [stall(0, total_s, on_cpu_s=total_s, stacks=sampled)]
    found = blame(stalls, Diagnosis.BLOCKING_CPU, requests=1, endpoint=ENDPOINT)
    return [(f.line, f.call, round(f.held_s, 6)) for f in found]


def test_each_line_has_its_own_time():
    """Three lines of a function took what they took, the longest first."""
    lines = [((replace(SLEEP, line=n, call=f"f{n}"),), (n - 40) / 10) for n in (43, 44, 45)]
    assert computed(*lines) == [(45, "f45", 0.5), (44, "f44", 0.4), (43, "f43", 0.3)]


def test_a_line_is_one_place_whichever_way_its_call_went_on():
    """It was seen in three functions of a library, and at two calls it is two places."""
    stacks = [((replace(LIBRARY, line=n), SLEEP), 0.1) for n in (1, 2, 3)]
    other = ((replace(SLEEP, call="open"),), 0.2)
    assert computed(*stacks, other) == [(41, "time.sleep", 0.3), (41, "open", 0.2)]


@pytest.mark.parametrize(
    "name", ["<lambda>", "<genexpr>", "<listcomp>", "load.<locals>.<dictcomp>"]
)
def test_an_expression_within_a_line_is_counted_to_its_line(name):
    """A lambda or a comprehension has a frame of its own, but no line of its own."""
    outer = replace(SLEEP, call="sorted", target=None)
    inner = replace(SLEEP, function=name, call="key", target=None)
    assert computed(((inner, outer), 0.3)) == [(41, "sorted", 0.3)]
    elsewhere = replace(inner, line=42)
    assert computed(((elsewhere, outer), 0.3)) == [(42, "key", 0.3)]
    alone = replace(inner, file="/app/other.py")
    assert computed(((alone, outer), 0.3)) == [(41, "key", 0.3)]
    assert computed(((inner,), 0.3)) == [(41, "key", 0.3)]


def test_what_was_seen_at_no_call_goes_to_the_heaviest_call_of_its_line():
    """Between two of its calls a line is at none."""
    calls = [((replace(SLEEP, call=call),), held_s) for call, held_s in (("a", 0.4), ("b", 0.3))]
    between = ((replace(SLEEP, call=None),), 0.1)
    assert computed(*calls, between) == [(41, "a", 0.5), (41, "b", 0.3)]
    other = ((replace(SLEEP, line=42, call=None),), 0.1)
    assert computed(*calls, other)[-1] == (42, None, 0.1)


def test_a_definitions_line_stands_for_its_body():
    """A function that has just begun is at a position without a width."""
    body = (replace(SLEEP, call="a"),), 0.4
    begun = replace(SLEEP, line=40, call=None, target=None, column=0, end_column=0)
    assert computed(body, ((begun,), 0.1)) == [(41, "a", 0.5)]
    elsewhere = replace(begun, function="other")
    assert computed(body, ((elsewhere,), 0.1)) == [(41, "a", 0.4), (40, None, 0.1)]
    wide = replace(begun, end_column=9)
    assert computed(body, ((wide,), 0.1)) == [(41, "a", 0.4), (40, None, 0.1)]


def test_a_middleware_that_passes_a_request_on_is_not_what_works():
    """The framework works for the endpoint, beneath a line of the user's that only awaits it."""
    app = Frame("/site-packages/starlette/routing.py", 9, "Router.__call__", "framework")
    middleware = Frame("/app/main.py", 3, "timing", "project", call="self.app")
    assert computed(((JSON, app, middleware), 0.3)) == [(ENDPOINT.line, "dumps", 0.3)]
    called = replace(app, function="Router.render")
    assert computed(((JSON, called, middleware), 0.3)) == [(3, "self.app", 0.3)]
    own = replace(app, owner="project")
    assert computed(((own, middleware), 0.3))[0][0] == 9


HANDLER = Frame("/v/lib/site-packages/shop/api.py", 5, "buy", "library", call="charge")


def test_an_installed_package_that_holds_the_endpoint_is_the_users_code():
    """An app may be a wrapper of two lines around it; other packages stay others'."""
    deeper = Frame("/v/lib/site-packages/shop/pay.py", 8, "charge", "library", call="sign")
    other = Frame("/v/lib/site-packages/shopping/x.py", 1, "sign", "library", call="pow")
    stalls = [stall(0, 0.3, on_cpu_s=0.3, stacks=(Stack((other, deeper, HANDLER), 0.3, True),))]
    (found,) = blame(stalls, Diagnosis.BLOCKING_CPU, requests=1, endpoint=HANDLER)
    assert (found.file, found.line, found.note) == (deeper.file, 8, None)
    (found,) = blame(stalls, Diagnosis.BLOCKING_CPU, requests=1, endpoint=ENDPOINT)
    assert found.note == FRAMEWORK_NOTE
    assert package_of(HANDLER) == "/v/lib/site-packages/shop"
    assert package_of(replace(HANDLER, file="/v/dist-packages/one.py")) == "/v/dist-packages/one.py"
    assert (package_of(ENDPOINT), package_of(None)) == ("", "")
    assert package_of(replace(HANDLER, file="/opt/shop/api.py")) == ""


def test_an_endpoint_is_where_its_requests_were_seen_waiting():
    """Else at its definition; a line of another function is not its own."""
    waiting = replace(ENDPOINT, line=12, call="fetch")
    other = replace(ENDPOINT, line=30, function="helper")
    assert line_in(ENDPOINT, [(other, 9), (waiting, 8)]) == waiting
    assert line_in(ENDPOINT, [(other, 9)]) == ENDPOINT
    assert line_in(None, [(waiting, 8)]) is None


def test_only_the_worst_places_are_named():
    """More than five would be read by nobody."""
    lines = [((replace(SLEEP, line=n, call=f"f{n}"),), 1.0) for n in range(7)]
    assert len(computed(*lines)) == WORST


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
