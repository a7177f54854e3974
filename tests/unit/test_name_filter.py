"""An expression and names in; the endpoints that fit out."""

from __future__ import annotations

import pytest

from neverblock.endpoints.name_filter import any_of, matches, select
from neverblock.errors import UsageError
from neverblock.model import Endpoint, Request
from neverblock.plan import Group, Subject


def group(pair, *variants):
    """One group with endpoints of these names."""
    return Group(
        pair,
        tuple(
            Subject(Endpoint(f"{pair}/{name}", "GET", "/"), Request("GET", "/"))
            for name in variants
        ),
    )


GROUPS = (group("sleep", "bad", "good"), group("hash", "bad", "good", "better"))


def names(groups):
    """Give the names of all endpoints of some groups."""
    return [subject.endpoint.name for each in groups for subject in each.subjects]


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("sleep", True),
        ("SLEEP", True),
        ("lee", True),
        ("sleep/bad", True),
        ("not sleep", False),
        ("sleep and good", False),
        ("sleep and not good", True),
        ("good or bad", True),
        ("not (good or hash)", True),
        ("(sleep or hash)and bad", True),
        ("hash and sleep or bad", True),
        ("hash and (sleep or bad)", False),
    ],
)
def test_words_are_parts_of_names_joined_as_pytest_joins_them(expression, fits):
    """Not binds more tightly than and, and more tightly than or; case does not matter."""
    assert matches(expression, "sleep/bad") is fits


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("GET /android/orders", True),
        ("get  /android", True),
        ("/android GET", False),
        ("(GET /android/orders) and not POST", True),
        ("POST /android or GET /hosts", False),
    ],
)
def test_the_name_of_an_endpoint_is_one_part(expression, fits):
    """It has a space in it, and is what somebody copies from the report."""
    assert matches(expression, "GET /android/orders") is fits


def test_words_of_python_have_no_meaning_of_their_own():
    """A name is a name, whatever Python would make of it."""
    assert matches("true", "items/true")
    assert not matches("True", "items/bad")
    assert not matches("__import__", "sleep/bad")


@pytest.mark.parametrize(
    "expression", ["", " ", "sleep and", "and", "sleep not bad", "(sleep", "not"]
)
def test_an_expression_that_cannot_be_read_is_named(expression):
    """The error shows it, and one that can be read."""
    with pytest.raises(UsageError) as error:
        matches(expression, "sleep/bad")
    assert repr(expression) in error.value.what
    assert "sleep and not bad" in error.value.hint


def test_lanes_keep_what_fits_and_the_others_leave():
    """A group without endpoints needs no server."""
    assert names(select(GROUPS, "better or sleep")) == ["sleep/bad", "sleep/good", "hash/better"]
    assert [each.name for each in select(GROUPS, "better")] == ["hash"]


def test_no_expression_selects_everything():
    """In the order in which it came."""
    assert select(GROUPS, None) == GROUPS


def test_an_expression_that_fits_nothing_is_an_error():
    """An empty run would prove nothing."""
    with pytest.raises(UsageError, match="'redis' fits none"):
        select(GROUPS, "redis")


def test_several_expressions_fit_what_one_of_them_fits():
    """The second one takes nothing away from the first."""
    both = any_of(["GET /orders", "users and not DELETE"])
    fits = [matches(both, name) for name in ("GET /orders", "GET /users", "DELETE /users")]
    assert fits == [True, True, False]
    assert any_of(None) is None
    assert any_of(["/"]) == "/"
