"""What of an app is asked with made-up values, and what is not asked although it is there."""

from __future__ import annotations

import tomllib

import pytest
from described import ID, document, operation, reasons, requests

from neverblock.config import Config, EndpointConfig
from neverblock.config.request_values import Additions
from neverblock.endpoints.openapi.discover import discover


def test_values_that_nobody_gave_are_known_as_made_up():
    """Not those of the document's author or the configuration; the lines to give them are there."""
    in_query = {"name": "day", "in": "query", "required": True, "schema": {"enum": ["monday"]}}
    plain = {"content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}}
    described = document(
        **{
            "/items/{id}": {"get": operation(ID, in_query)},
            "/items": {"post": operation(requestBody=plain), "get": operation(in_query)},
        }
    )
    found = discover(described, Config().naming(["POST /items"])).subjects
    made_up = {subject.endpoint.name: subject.made_up for subject in found}
    assert made_up == {"GET /items/{id}": ("id",), "POST /items": ("body",), "GET /items": ()}
    lines = tomllib.loads("".join(f"{subject.entry}\n" for subject in found))
    assert lines["tool"]["neverblock"]["endpoint"] == [
        {"name": "GET /items/{id}", "path": {"id": "..."}},
        {"name": "POST /items", "json": {"a": "1"}},
    ]
    given = Config(endpoints=(EndpointConfig("GET", "/items/{id}", Additions(path={"id": 8})),))
    assert discover(described, given).subjects[0].made_up == ()


@pytest.mark.parametrize("a_file", [{"format": "binary"}, {"contentMediaType": "image/png"}])
def test_a_form_that_nothing_gives_is_asked_for_by_its_fields(a_file):
    """The reason names the files and fields that the form has to hold, and no others."""
    form = {
        "required": ["photo", "pages", "title"],
        "properties": {
            "photo": {"type": "string", **a_file},
            "pages": {"type": "array", "items": {"type": "string", **a_file}},
            "title": {"type": "string"},
            "subtitle": {"type": "string"},
        },
    }
    body = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    needing = document(**{"/up": {"post": operation(requestBody=body)}})
    reason = reasons(discover(needing, Config().naming(["POST /up"])))["POST /up"]
    [entry] = tomllib.loads(reason.partition("\n")[2])["tool"]["neverblock"]["endpoint"]
    assert entry["files"].keys() == {"photo", "pages"}
    assert entry["form"].keys() == {"title"}


def test_mounts_are_listed_and_asked_where_they_are_named():
    """By the path they are mounted at, where they answer with a slash; static files are fine."""
    seen = document()
    seen["x-neverblock"] = {"mounts": ["/metrics", "/other", "/"], "static": ["/static"]}
    found = discover(seen, Config())
    listed = reasons(found)
    assert set(listed) == {"GET /metrics", "GET /other", "GET /", "GET /static"}
    assert 'name = "GET /metrics"' in listed["GET /metrics"]
    assert "static files" in listed["GET /static"]
    assert "add" not in listed["GET /static"]
    named = discover(seen, Config().naming(["GET /metrics", "GET /other/deep", "GET /"]))
    assert [request.path for request in requests(named).values()] == [
        "/metrics/",
        "/other/deep",
        "/",
    ]
    assert set(reasons(named)) == {"GET /static"}


def test_what_could_be_asked_better_or_at_all_has_its_lines():
    """Values that were made up, and methods that are asked only if they are named."""
    found = discover(
        document(**{"/a/{id}": {"get": operation(ID), "delete": operation(ID)}}), Config()
    )
    assert found.replaceable == (
        '[[tool.neverblock.endpoint]]\nname = "GET /a/{id}"\npath = {id = 1}',
    )
    assert found.unsafe == ('[[tool.neverblock.endpoint]]\nname = "DELETE /a/{id}"',)
    assert discover(document(), Config()).unsafe == ()
