"""Parameters that the configuration names and no request has."""

from __future__ import annotations

import pytest
from described import ID, document, operation

from neverblock.config import Config, EndpointConfig
from neverblock.config.request_values import Additions
from neverblock.endpoints.find import refuse_misspelt
from neverblock.endpoints.openapi.discover import discover
from neverblock.errors import UsageError

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
SHOP = document(**{"/users/{id}": {"get": operation(ID, LIMIT)}, "/plain": {"get": operation()}})


def complaints(*endpoints, **project):
    """Give what is wrong with the names of one configuration, by the shop's document."""
    given = tuple(
        EndpointConfig(*name.split(" "), additions=Additions(**more)) for name, more in endpoints
    )
    return discover(SHOP, Config(endpoints=given, additions=Additions(**project))).misspelt


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("GET /users/{id}", {"path": {"idd": 7}}, "path.idd: its path lacks it; did you mean 'id'"),
        ("GET /users/{id}", {"path": {"key": 7}}, "there are: id"),
        ("GET /users/7", {"path": {"id": 7}}, "there are none"),
        ("GET /users/{id}", {"query": {"limmit": 7}}, "query.limmit: it takes none; did you mean"),
    ],
)
def test_a_name_that_no_request_has_is_told_with_the_nearest(name, given, meant):
    """It would be sent nowhere, or where nobody reads it, and a made-up value in its place."""
    (said,) = complaints((name, given))
    assert said.startswith(name)
    assert meant in said
    with pytest.raises(UsageError, match="does not have") as error:
        refuse_misspelt((said,))
    assert said in error.value.what


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("GET /users/{id}", {"path": {"id": 7}, "query": {"limit": 3}}),
        ("GET /users/{id}", {"query": {"x-trace": 1}}),
        ("GET /users/{id}", {"query": {"limit": 3, "limits": 3}}),
        ("GET /hidden", {"query": {"limmit": 1}}),
        ("GET /hidden/{key}", {"path": {"key": 1}}),
    ],
)
def test_what_is_declared_or_like_nothing_is_left_alone(name, given):
    """An app may read what no document lists, and what is not described has no names to miss."""
    assert complaints((name, given)) == ()
    refuse_misspelt(())


def test_a_value_for_all_paths_has_to_fit_one():
    """The project's own table fills parameters by name, wherever a path has them."""
    assert complaints(path={"id": 7}) == ()
    (said,) = complaints(path={"user_id": 7})
    assert said.startswith("path.user_id: no path of the app has it")
