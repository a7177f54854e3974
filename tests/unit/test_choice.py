"""Which endpoints ``-k`` and ``-e`` choose together, and what fits nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from described import document, operation

from neverblock.config import Config, names_of
from neverblock.endpoints import find as finding
from neverblock.endpoints.openapi.fetch import Document
from neverblock.endpoints.unserved import fits_route
from neverblock.errors import UsageError

SHOP = document(
    **{
        "/users": {"get": operation()},
        "/free": {"get": operation()},
        "/search": {"post": operation()},
        "/orders/{key}": {
            "get": operation({"name": "key", "in": "path", "required": True, "schema": {"not": {}}})
        },
    }
)


@pytest.fixture
def chosen(monkeypatch):
    """Find endpoints in the shop's document; gives the names of those to measure."""

    async def fetch(base_url, *, probed):
        return Document(SHOP, inside=True)

    monkeypatch.setattr(finding, "fetch_document", fetch)

    def choose(expression, *named, config=None, earlier=False):
        names = names_of(named)
        settings = (config or Config()).naming(names)
        found = asyncio.run(
            finding.find(
                "http://x",
                settings,
                Path(),
                probed=True,
                expression=expression,
                named=names,
                earlier=earlier,
            )
        )
        choose.left_out = found.left_out
        return {subject.endpoint.name for subject in found.subjects}

    return choose


@pytest.mark.parametrize(
    ("expression", "named", "expected"),
    [
        ("users", (), {"GET /users"}),
        ("users", ("POST /search",), {"GET /users", "POST /search"}),
        ("users", ("/free",), {"GET /users", "GET /free"}),
        (None, ("POST /search",), {"POST /search"}),
        (None, ("/free",), {"GET /free"}),
        ("/", ("POST /search",), {"GET /users", "GET /free", "POST /search"}),
        ("not users", ("GET /users",), {"GET /users", "GET /free"}),
    ],
)
def test_what_is_named_is_asked_alone_or_beside_what_is_chosen(chosen, expression, named, expected):
    """As the help of ``-e`` says, in every command."""
    assert chosen(expression, *named) == expected


def test_what_is_left_out_is_named(chosen):
    """Also where it could not have been asked; without a choice it is nothing."""
    chosen(None, "/free")
    assert set(chosen.left_out) == {"GET /users", "POST /search", "GET /orders/{key}"}
    chosen(None)
    assert chosen.left_out == ()


@pytest.mark.parametrize("named", [(), ("POST /search",)])
def test_an_expression_that_fits_nothing_is_an_error(chosen, named):
    """Also where an endpoint is named beside it: a typing error is told."""
    with pytest.raises(UsageError, match="'userz' fits none") as error:
        chosen("userz", *named)
    assert error.value.hint.startswith("Did you mean 'users'? Some: ")


def test_a_name_that_cannot_be_asked_is_an_error(chosen):
    """What somebody named is not left out without a word."""
    with pytest.raises(UsageError, match=r"needs \{key\}") as error:
        chosen(None, "/orders/{key}")
    assert "path = {key" in error.value.hint


def test_a_name_that_is_excluded_is_an_error(chosen):
    """Two wishes that contradict each other are told."""
    with pytest.raises(UsageError, match="excluded by"):
        chosen(None, "/free", config=Config(exclude=("GET /fr*",)))


@pytest.mark.parametrize("key", ["include", "exclude"])
def test_a_pattern_that_fits_nothing_is_an_error(chosen, key):
    """A typing error in it would have endpoints asked that should not be, or none."""
    with pytest.raises(UsageError, match="GET /userz") as error:
        chosen(None, config=Config(**{key: ("GET *", "GET /userz")}))
    assert "GET /users" in error.value.hint


def test_an_earlier_state_of_the_app_may_lack_what_is_named(chosen):
    """The base of a comparison is measured by the settings of the newer one."""
    settings = Config(exclude=("GET /new/*",))
    assert chosen(None, config=settings, earlier=True) == {"GET /users", "GET /free"}


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("GET /users/{key}", True),
        ("GET /users/7", True),
        ("GET /users", False),
        ("GET /users/7/orders", False),
        ("PUT /users/7", False),
        ("GET /a.b", True),
        ("GET /aXb", False),
    ],
)
def test_a_name_fits_the_route_whose_placeholders_it_fills(name, fits):
    """By the same method; nothing else in a route stands for anything."""
    assert fits_route(name, ["GET /users/{key}", "GET /a.b"]) is fits
