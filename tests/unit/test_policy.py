"""What a team allows, and what it cannot have meant."""

from __future__ import annotations

from datetime import date

import pytest

from neverblock.errors import UsageError
from neverblock.gate.policy import Allow, Policy, refuse_unknown

APP = ("GET /users", "GET /users/{id}", "POST /reports")


def allow(endpoint):
    """Give an allow for this endpoint."""
    return Allow(endpoint, "known", date(2026, 3, 1))


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("GET /users", {"GET /users"}),
        ("GET /users/{id}", {"GET /users/{id}"}),
        ("GET /users*", {"GET /users", "GET /users/{id}"}),
        ("* /*s", {"GET /users", "POST /reports"}),
        ("*", set(APP)),
        ("/users", set()),
        ("GET /user", set()),
        ("GET /users/.id.", set()),
        ("get /users", set()),
        ("", set()),
    ],
)
def test_an_allow_names_whole_endpoints(pattern, named):
    """A star stands for anything, and all else for itself."""
    assert {endpoint for endpoint in APP if allow(pattern).names(endpoint)} == named


def test_an_allow_for_no_endpoint_is_an_error():
    """A misspelt one would allow nothing, and nobody would know."""
    refuse_unknown(Policy(allow=(allow("GET /users"), allow("POST *"))), APP)
    with pytest.raises(UsageError) as refused:
        refuse_unknown(Policy(allow=(allow("GET /users"), allow("GET /user"))), APP)
    assert "'GET /user'" in refused.value.what
    assert refused.value.hint.startswith("Did you mean 'GET /users'? ")
    with pytest.raises(UsageError) as refused:
        refuse_unknown(Policy(allow=(allow("GET /accounts"),)), ("GET /x", "y"))
    assert refused.value.hint.startswith("Did you mean 'GET /x'? ")
    with pytest.raises(UsageError) as refused:
        refuse_unknown(Policy(allow=(allow("x"),)), ())
    assert refused.value.hint == "Correct or drop it in [[tool.neverblock.allow]]."
