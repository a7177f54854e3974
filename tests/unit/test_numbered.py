from __future__ import annotations

import asyncio
import os
from types import SimpleNamespace

import pytest

from neverblock.load.request_file import served_by
from neverblock.probe.config import SERVED_HEADER
from neverblock.probe.numbered import Numbered

FOUND = {"type": "http", "method": "GET", "path": "/a/7/b", "endpoint": print}


@pytest.mark.parametrize(
    ("scope", "route"),
    [
        (FOUND | {"route": SimpleNamespace(path="/a/{id}/b")}, "GET /a/{id}/b"),
        (
            FOUND | {"root_path": "/api/v1", "app_root_path": "/api", "path_template": "/x/{id}"},
            "GET /v1/x/{id}",
        ),
        (FOUND | {"path_params": {"id": 7}}, "GET /a/{id}/b"),
        (FOUND | {"path_params": {}}, "GET /a/7/b"),
        ({"type": "http", "method": "GET", "path": "/nowhere"}, None),
    ],
    ids=["route", "mounted", "parameters alone", "no parameters", "no route"],
)
def test_a_request_knows_the_template_of_its_route(scope, route):
    """As far as the framework leaves it in the scope."""
    assert Numbered(3, scope).route == route


@pytest.mark.parametrize("path", ["/a/{id}", "/a/{käse}", "/a;b/{id}", "/{rest:path}"])
def test_an_answer_says_who_served_it(path):
    """The header is read back as process, number and route, whatever the path is made of."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "route": SimpleNamespace(path=path)}
    own = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}
    asyncio.run(Numbered(12, scope).telling(send)(own))
    (start,) = sent
    assert start["headers"][0] == (b"a", b"b")
    name, value = start["headers"][1]
    assert name == SERVED_HEADER.encode()
    assert served_by(value.decode("ascii")) == (os.getpid(), 12, f"GET {path}")
    assert own["headers"] == [(b"a", b"b")]


@pytest.mark.parametrize("header", [None, "", "abc", "1;2", "x;2;GET%20/", "1;y;GET /"])
def test_what_is_no_such_header_says_nothing(header):
    """Of a server without the probe, or a proxy that writes what it likes."""
    assert served_by(header) == (None, None, None)
