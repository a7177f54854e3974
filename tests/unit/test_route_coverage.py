"""How many of an app's routes were asked, and the gate on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from builders import burst_round, measured, parallel, result, run, solo

from neverblock.analysis.coverage import coverage
from neverblock.config import Config
from neverblock.endpoints.openapi.discover import discover
from neverblock.errors import ExitCode
from neverblock.gate.decide import decide, exit_code, requiring
from neverblock.gate.policy import Policy
from neverblock.model import Verdict
from neverblock.report.suspects_words import coverage_sentence
from neverblock.result import Unchecked
from neverblock.result.suspects import Coverage
from neverblock.units import percent

ASKED = measured(solo(0.05), burst_round(parallel(0.05)))
DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {"/users": {"get": {}, "post": {}}, "/users/{id}": {"delete": {}}},
    "x-neverblock": {
        "routes": ["GET /plain", "PUT /plain"],
        "websockets": ["/ws"],
        "mounts": ["/metrics"],
        "static": ["/files"],
    },
}


def asked(name, **more):
    """Give a result of an endpoint that was measured and passes."""
    return result(Verdict.PASS, name, measurement=ASKED, **more)


def test_routes_are_all_methods_websockets_and_mounted_apps():
    """Static files are none: no code of the app's own serves them."""
    assert discover(DOCUMENT, Config()).routes == (
        *("GET /users", "POST /users", "DELETE /users/{id}", "GET /plain", "PUT /plain"),
        *("GET /metrics", "WEBSOCKET /ws"),
    )


def test_only_what_was_measured_counts_as_asked():
    """Not what refused its request, what broke, or what a filter left out."""
    results = (
        asked("GET /a"),
        asked("GET /b", made_up=("id",), empty=True),
        asked("GET /c", made_up=("id",)),
        result(Verdict.ERROR, "GET /broken"),
    )
    refused = Unchecked("GET", "/secret", "answers 401, it needs credentials\nmore")
    names = ["GET /a", "GET /b", "GET /c", "GET /broken", "GET /secret", "GET /filtered"]
    found = coverage(names, results, [refused])
    counts = (found.routes, found.asked, found.made_up, found.empty, found.share)
    assert counts == (6, 3, 2, 1, 0.5)
    assert [(route.asked, route.why) for route in found.by_route[3:]] == [
        (False, "is erroring"),
        (False, "answers 401, it needs credentials"),
        (False, "left out by -k or -e, or the run ended before it"),
    ]


def test_an_app_without_routes_is_not_covered():
    """Nothing of nothing passes no gate."""
    assert coverage([], [], []).share == 0.0


@pytest.mark.parametrize(
    ("share", "required", "code"),
    [
        (0.79, 0.8, ExitCode.FAILED),
        (0.8, 0.8, ExitCode.OK),
        (0.0, None, ExitCode.OK),
        (None, 0.8, ExitCode.NOT_MEASURED),
        (None, None, ExitCode.OK),
    ],
)
def test_coverage_is_a_gate(share, required, code):
    """Too little fails; where nobody knows how much, nothing passes; without a limit all does."""
    known = None if share is None else Coverage(100, round(100 * share), 0, 0, share)
    whole = run(asked("GET /a"), coverage=known)
    policy = Policy(coverage=required)
    decision = decide(whole, policy, today=date(2026, 1, 1))
    assert decision.exit_code is code
    if known is not None:
        assert exit_code(requiring(whole, policy)) is code


def test_coverage_is_said_in_one_sentence():
    """With what was made up or empty, and what the project asks for; no share is rounded up."""
    found = replace(Coverage(9, 7, 2, 1, 7 / 9), required=0.8)
    assert coverage_sentence(found) == (
        "7 of 9 routes asked (77 %), 2 with made-up values only, 1 answered empty; "
        "80 % are required"
    )
    assert [percent(share) for share in (0.0, 0.29, 0.7999, 1.0)] == [
        "0 %",
        "29 %",
        "79 %",
        "100 %",
    ]
