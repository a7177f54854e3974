"""A document and a configuration in; requests, and reasons for what is not asked, out."""

from __future__ import annotations

import copy
import json
import random

import pytest
from described import ID, document, operation, reasons, requests

from neverblock.config import Config, EndpointConfig
from neverblock.config.request_values import Additions, Body
from neverblock.endpoints.openapi.discover import base_path_of, declared_statuses, discover
from neverblock.errors import UsageError
from neverblock.model import Endpoint, Request

SECRET = {"name": "key", "in": "path", "required": True, "schema": {"not": {}}}


ITEMS = document(
    **{
        "/items/{id}": {
            "parameters": [ID],
            "get": operation(
                {"name": "q", "in": "query", "schema": {"type": "string"}},
                {"name": "page", "in": "query", "required": True, "schema": {"minimum": 2}},
            ),
            "head": operation(),
            "options": operation(),
            "delete": operation(),
        },
        "/secret/{key}": {"get": operation(SECRET, deprecated=True)},
        "/items": {
            "post": operation(
                requestBody={
                    "required": True,
                    "content": {"application/json": {"example": {"name": "x"}}},
                }
            )
        },
    }
)


def test_every_get_that_can_be_filled_is_asked():
    """Required parameters are filled, optional ones left out, HEAD and OPTIONS never named."""
    found = discover(ITEMS, Config())
    assert requests(found) == {"GET /items/{id}": Request("GET", "/items/1?page=2")}
    assert found.subjects[0].endpoint == Endpoint("GET /items/{id}", "GET", "/items/{id}")
    assert set(reasons(found)) == {"DELETE /items/{id}", "GET /secret/{key}", "POST /items"}


def test_the_reason_has_the_lines_that_would_mend_it():
    """They can be copied into the configuration, and then it is asked."""
    found = discover(ITEMS, Config())
    assert reasons(found)["GET /secret/{key}"] == (
        "needs {key}, and nothing gives a value; add\n"
        '[[tool.neverblock.endpoint]]\nname = "GET /secret/{key}"\npath = {key = 1}'
    )
    assert found.entries == (
        '[[tool.neverblock.endpoint]]\nname = "GET /secret/{key}"\npath = {key = 1}',
    )


def test_headers_that_endpoints_require_are_one_table_for_all():
    """Made up or missing, once each, where every request gets them."""
    tenant = {"in": "header", "name": "X-Tenant", "required": True, "schema": {"type": "string"}}
    secret = {"in": "header", "name": "X-Key", "required": True, "schema": {"not": {}}}
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/a": {"get": {"parameters": [tenant]}},
            "/b": {"get": {"parameters": [tenant, secret]}},
        },
    }
    found = discover(document, Config())
    assert found.entries == ('[tool.neverblock.headers]\nx-tenant = "1"\nx-key = "1"',)
    assert "[tool.neverblock.headers]" in reasons(found)["GET /b"]
    assert 'x-tenant = "..."' in found.subjects[0].entry


@pytest.mark.parametrize(("required", "sent"), [(True, (("authorization", "1"),)), (False, ())])
def test_an_authorization_that_is_required_is_asked_for_as_any_header(required, sent):
    """The app then answers that it wants credentials, and not that a header is missing."""
    login = {"in": "header", "name": "authorization", "required": required, "schema": {}}
    found = discover(
        {"openapi": "3.1.0", "paths": {"/me": {"get": {"parameters": [login]}}}}, Config()
    )
    assert found.subjects[0].request.headers == sent
    written = any('authorization = "Bearer ${API_TOKEN}"' in each for each in found.entries)
    assert written is required


def test_what_is_given_comes_first():
    """An endpoint's own values before those for all, and both before the document's."""
    config = Config(
        additions=Additions(
            path={"id": 7, "key": "k"},
            query={"page": 3, "all": [1, 2]},
            headers={"authorization": "Bearer x"},
            cookies={"session": "s"},
        ),
        endpoints=(
            EndpointConfig("GET", "/items/{id}", Additions(path={"id": 8}, query={"q": "a b"})),
        ),
    )
    asked = requests(discover(ITEMS, config))
    headers = (("authorization", "Bearer x"), ("cookie", "session=s"))
    assert asked == {
        "GET /items/{id}": Request("GET", "/items/8?q=a%20b&page=3&all=1&all=2", headers),
        "GET /secret/{key}": Request("GET", "/secret/k?page=3&all=1&all=2", headers),
    }


def test_unsafe_methods_are_asked_where_they_are_named():
    """Naming one is the user's word that it may be called; the body comes from the document."""
    config = Config().naming(["POST /items", "delete /items/{id}"])
    asked = requests(discover(ITEMS, config))
    assert asked["DELETE /items/{id}"] == Request("DELETE", "/items/1")
    assert asked["POST /items"] == Request(
        "POST", "/items", (("content-type", "application/json"),), b'{"name":"x"}'
    )


def test_a_body_of_the_configuration_counts():
    """It is sent as it is, with its type unless a header says another."""
    body = Body(b"<x/>", "text/xml")
    one = EndpointConfig("POST", "/items", body=body)
    asked = requests(discover(ITEMS, Config(endpoints=(one,))))["POST /items"]
    assert asked == Request("POST", "/items", (("content-type", "text/xml"),), b"<x/>")
    typed = Additions(headers={"content-type": "text/plain"})
    one = EndpointConfig("POST", "/items", typed, body)
    asked = requests(discover(ITEMS, Config(endpoints=(one,))))["POST /items"]
    assert asked.headers == (("content-type", "text/plain"),)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("application/json", "json = {}"),
        ("application/x-www-form-urlencoded", "form = {}"),
        ("multipart/form-data", 'files = {file = "body.bin"}'),
        ("text/csv", 'content-type = "text/csv"'),
    ],
)
def test_a_body_that_nothing_gives_is_asked_for(kind, line):
    """The reason names the key that the media type needs."""
    needing = document(
        **{
            "/up": {
                "put": operation(
                    requestBody={"required": True, "content": {kind: {"schema": {"not": {}}}}}
                )
            }
        }
    )
    found = discover(needing, Config().naming(["PUT /up"]))
    assert requests(found) == {}
    assert line in reasons(found)["PUT /up"]


def test_patterns_choose_by_name():
    """Exclude outweighs include, and both say so."""
    config = Config(include=("GET /items*", "POST *"), exclude=("POST /items",))
    found = discover(ITEMS, config)
    assert set(requests(found)) == {"GET /items/{id}"}
    assert reasons(found)["POST /items"] == 'excluded by exclude = "POST /items"'
    assert reasons(found)["GET /secret/{key}"] == "include does not name it"


def test_endpoints_of_no_document_are_asked_by_their_name():
    """An app without OpenAPI is checked as well, by what is named."""
    named = Config().naming(["/plain", "GET /user/{name}"])
    found = discover(None, named)
    assert requests(found) == {"GET /plain": Request("GET", "/plain")}
    assert "needs {name}" in reasons(found)["GET /user/{name}"]


def test_streams_are_left_out_until_they_are_named():
    """An answer that may never end cannot be measured without being asked for."""
    endless = document(
        **{"/e": {"get": {"responses": {"200": {"content": {"text/event-stream": {}}}}}}}
    )
    assert "never end" in reasons(discover(endless, Config()))["GET /e"]
    assert set(requests(discover(endless, Config().naming(["GET /e"])))) == {"GET /e"}


def test_what_the_probe_answers_is_no_endpoint():
    """Neither the document nor the routes beside it show the probe's own paths."""
    own = document(**{"/__neverblock__/canary": {"get": operation()}})
    own["x-neverblock"] = {"routes": ["GET /__neverblock__/openapi"]}
    assert discover(own, Config()) == discover(None, Config())


@pytest.mark.parametrize(
    ("servers", "url", "base"),
    [
        ([{"url": "/api/v1"}], "http://127.0.0.1:80/openapi.json", "/api/v1"),
        ([{"url": "api/"}], "http://127.0.0.1/", "/api"),
        ([{"url": "https://x.example/v2"}], "https://x.example/openapi.json", "/v2"),
        ([{"url": "https://x.example/v2"}, {"url": "/v3"}], "http://127.0.0.1/", "/v3"),
        ([{"url": "https://x.example/v2"}], "http://127.0.0.1/", ""),
        ([{"url": "/"}], "http://127.0.0.1/", ""),
        (None, "http://127.0.0.1/", ""),
        ([3, {}, {"url": 3}], "http://127.0.0.1/", ""),
    ],
)
def test_a_server_of_the_document_counts_where_it_is_the_one_asked(servers, url, base):
    """Relative servers and those of the same host; never a stranger's."""
    assert base_path_of({"paths": {}, "servers": servers}, url) == base
    asked = requests(discover(ITEMS, Config(), base_path=base))
    assert asked["GET /items/{id}"].path == f"{base}/items/1?page=2"


def test_swagger_2_is_understood():
    """Types beside the name, collections by their format, one base path."""
    old = {
        "swagger": "2.0",
        "basePath": "/v1",
        "paths": {
            "/p/{id}": {
                "get": operation(
                    {"name": "id", "in": "path", "required": True, "type": "integer", "minimum": 4},
                    {
                        "name": "tag",
                        "in": "query",
                        "required": True,
                        "type": "array",
                        "minItems": 2,
                        "items": {"type": "string"},
                        "collectionFormat": "csv",
                    },
                )
            }
        },
    }
    assert requests(discover(old, Config()))["GET /p/{id}"].path == "/p/4?tag=1,1"
    assert base_path_of(old, "http://127.0.0.1/") == "/v1"


def test_declared_answers_are_read():
    """Single statuses and whole classes of them; what is no status is none."""
    answers = {"200": {}, "3XX": {}, "default": {}, "20": {}}
    described = document(**{"/r": {"get": {"responses": answers}}})
    statuses = declared_statuses(described, Endpoint("GET /r", "GET", "/r"))
    assert statuses == {200, *range(300, 400)}
    assert declared_statuses(described, Endpoint("GET /x", "GET", "/x")) == frozenset()
    assert declared_statuses(None, Endpoint("GET /x", "GET", "/x")) == frozenset()


@pytest.mark.parametrize("wrong", [[], "text", 3, {"paths": []}, {"paths": {"/": "\ud800"}}])
def test_what_is_no_document_is_refused(wrong):
    """The error says how to go on without it."""
    with pytest.raises(UsageError, match="endpoint"):
        discover(wrong, Config())


STRANGE = (
    *(None, True, -1, float("inf"), "", "x", "..", "ü\n", [], {}, [[]], 10**400),
    {"$ref": "#/paths"},
    {"$ref": "#"},
    {"$ref": 3},
    {"type": "object", "required": ["a"]},
    {"type": ["array"], "minItems": 5},
)


def places(node, at=()):
    """Name every place in a tree."""
    if at:
        yield at
    for key in (
        node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    ):
        yield from places(node[key], (*at, key))


@pytest.mark.parametrize("seed", range(150))
def test_no_document_is_too_strange(seed):
    """With anything at any place there is an answer, and the same one again."""
    chance = random.Random(seed)  # noqa: S311 - the same documents every time
    strange = copy.deepcopy(ITEMS)
    for _ in range(chance.choice((1, 2, 8))):
        *above, last = chance.choice([*places(strange)])
        here = strange
        for key in above:
            here = here[key]
        here[last] = copy.deepcopy(chance.choice(STRANGE))
    config = Config().naming(["POST /items"])
    try:
        found = discover(strange, config)
    except UsageError as error:
        assert error.hint  # noqa: PT017 - not every one is refused
        return
    assert found == discover(copy.deepcopy(strange), config)
    for subject in found.subjects:
        assert subject.request.path.isascii()
        assert " " not in subject.request.path
        json.dumps(subject.request.headers)
