"""The document that the probe shows, and whether the app takes the requests made from it."""

from __future__ import annotations

import asyncio
import json

import documented_app
import pytest
from fastapi import FastAPI
from serving import served
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from neverblock.config import Config, EndpointConfig
from neverblock.endpoints.openapi.discover import discover
from neverblock.load.http_client import open_client
from neverblock.probe.config import OPENAPI_PATH
from neverblock.probe.openapi_document import answer, openapi_of


async def ask(base_url, subjects):
    """Send the request of every subject, as a run would; give the answers by endpoint."""
    async with open_client(base_url) as client:
        return {
            subject.endpoint.name: await client.request(
                subject.request.method,
                subject.request.path,
                headers=subject.request.headers,
                content=subject.request.content,
            )
            for subject in subjects
        }


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Serve the FastAPI app; give what is discovered of it and what it answers."""
    with served("asyncio", tmp_path_factory.mktemp("trace"), "documented_app:app") as running:
        document = json.loads(running.get(OPENAPI_PATH).body)
        named = ("POST /parts", "POST /sub/things")
        config = Config().naming(named)
        found = discover(document, config)
        answers = asyncio.run(ask(f"http://127.0.0.1:{running.port}", found.subjects))
        return found, answers


def test_every_endpoint_takes_the_request_that_its_document_led_to(parts):
    """With docs disabled, behind middlewares, included late and mounted."""
    _, answers = parts
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        [
            "GET /parts/{part_id}",
            "GET /parts/limits/{step}",
            "GET /parts/kinds/{day}",
            "GET /parts/echo/{rest}",
            "POST /parts",
            "GET /sub/things/{thing}",
            "POST /sub/things",
        ],
        200,
    )


def test_what_is_sent_arrives_as_it_was_meant(parts):
    """Slashes, blanks, ampersands, hashes and letters beyond ASCII are encoded once."""
    _, answers = parts
    assert answers["GET /parts/echo/{rest}"].json() == {
        "rest": "a/b c&?#ü%2F",
        "q": "d&e=f +ü",
    }


def test_what_cannot_be_asked_is_listed(parts):
    """Streams, routes that the document leaves out and websockets each have their reason."""
    found, _ = parts
    reasons = {f"{one.method} {one.path}": one.reason for one in found.unchecked}
    assert set(reasons) == {
        "GET /parts/stream",
        "GET /parts/hidden/{what}",
        "WEBSOCKET /parts/live",
    }
    assert "stream" in reasons["GET /parts/stream"]
    assert 'name = "GET /parts/hidden/{what}"' in reasons["GET /parts/hidden/{what}"]


def test_litestar_is_asked_its_own_way(tmp_path):
    """Its document comes from elsewhere than FastAPI's, and serves as well."""
    with served("asyncio", tmp_path, "litestar_app:app") as running:
        document = json.loads(running.get(OPENAPI_PATH).body)
        found = discover(document, Config(endpoints=(EndpointConfig("POST", "/people"),)))
        answers = asyncio.run(ask(f"http://127.0.0.1:{running.port}", found.subjects))
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "GET /people/{person_id}": 200,
        "POST /people": 201,
    }


def test_an_app_that_cannot_make_its_document_says_why_in_one_line(tmp_path):
    """An error of the app is answered with status 500, and the server lives on."""
    with served("asyncio", tmp_path, "documented_app:unfit") as running:
        answered = running.get(OPENAPI_PATH)
        assert (answered.status, answered.body) == (500, b"LookupError: no such schema")
        assert running.get("/docs").status == 200


def test_what_we_ask_is_no_background_work_of_the_apps(tmp_path):
    """The document of a large app takes seconds to make, and nobody else asks for it."""
    with served("asyncio", tmp_path, "documented_app:slow") as running:
        trace = running.watch(OPENAPI_PATH)
    stacks = [stack for stall in trace.stalls for stack in stall.stacks if stack.frames]
    assert sum(stack.weight_s for stack in stacks) > 0.05
    assert not any(stack.background for stack in stacks)


def test_an_app_without_a_document_answers_so(tmp_path):
    """404 sends the harness on to ask the usual paths."""
    with served("asyncio", tmp_path, "documented_app:bare") as running:
        assert running.get(OPENAPI_PATH).status == 404


def test_the_app_keeps_what_it_kept():
    """Neither a document that was cached nor its absence changes by asking."""
    before = dict(vars(documented_app.api))
    assert openapi_of(documented_app.app) is not None
    assert vars(documented_app.api) == before
    cached = FastAPI()
    cached.openapi_schema = {"openapi": "3.1.0", "paths": {"/mine": {}}}
    before = dict(vars(cached))
    openapi_of(cached)
    assert vars(cached) == before


def test_apps_in_apps_in_apps_are_found():
    """Mounts nest, with apps of no document between, and equal names of schemas stay apart."""
    inner = Starlette(routes=[Mount("/b", documented_app.sub)])
    outer = Starlette(routes=[Mount("/a", inner)])
    document = openapi_of(outer)
    assert set(document["paths"]) == {"/a/b/things/{thing}", "/a/b/things"}
    assert discover(document, Config()).subjects[0].request.path == "/a/b/things/6?colour=red"


def test_what_an_app_shows_of_a_mounted_one_is_asked_where_it_is_mounted():
    """Prefect's outer app shows its inner one's document as its own, without the prefix."""
    outer = FastAPI()
    outer.mount("/api", documented_app.sub)
    outer.get("/things")(documented_app.by_uuid)
    outer.openapi = lambda: documented_app.sub.openapi() | {"servers": []}
    assert set(openapi_of(outer)["paths"]) == {"/things", "/api/things", "/api/things/{thing}"}


def test_a_mount_without_a_path_takes_nothing_away():
    """What it serves is served where its parent says."""
    outer = FastAPI()
    outer.mount("", documented_app.sub)
    outer.openapi = documented_app.sub.openapi
    assert set(openapi_of(outer)["paths"]) == {"/things", "/things/{thing}"}


def test_an_app_that_contains_itself_ends_somewhere():
    """A circle of mounts gives an answer and no endless walk."""
    circle = FastAPI()
    for name in ("/again", "/and", "/once", "/more"):
        circle.mount(name, circle)
    assert answer(circle)[0] == 200


def test_plain_routes_are_listed_where_there_is_no_document():
    """Starlette's routes are no document, and their names are what a person needs next."""
    found = discover(openapi_of(Starlette(routes=[Route("/page", page)])), Config())
    assert found.subjects == ()
    assert [f"{one.method} {one.path}" for one in found.unchecked] == ["GET /page"]


async def page(request):
    """Answer."""
    return PlainTextResponse("")


class Page(HTTPEndpoint):
    """Answer by a function for each method."""

    get = post = page


class Metrics:
    """An ASGI app as an object, and a middleware."""

    def __init__(self, app=None):
        """Wrap an app, or none."""
        self.app = app

    async def __call__(self, scope, receive, send):
        """Answer."""


def test_what_stands_in_no_document_is_listed(tmp_path):
    """Hidden routes by method, mounted ASGI apps, static files, websockets, at any depth."""
    app, inner = FastAPI(), Starlette(routes=[Mount("/raw", Metrics()), Route("/page", page)])
    app.add_api_route("/described", page, methods=["GET"])
    app.add_api_route("/described", page, methods=["POST"], include_in_schema=False)
    app.add_route("/hidden", page, methods=["PUT", "GET"], include_in_schema=False)
    app.add_route("/class", Page)
    app.add_route("/object", Metrics())
    app.add_api_websocket_route("/live", page)
    app.mount("/metrics", documented_app.bare)
    app.mount("/inner", inner)
    app.mount("/sub", documented_app.sub)
    app.mount("/static", Metrics(StaticFiles(directory=tmp_path)))
    document = openapi_of(app)
    assert document["x-neverblock"] == {
        "routes": [
            "POST /described",
            *("GET /hidden", "PUT /hidden", "GET /class", "POST /class", "GET /object"),
            "GET /inner/page",
        ],
        "mounts": ["/metrics", "/inner/raw"],
        "static": ["/static"],
        "websockets": ["/live"],
    }
    assert "/sub/things" in document["paths"]


@pytest.mark.parametrize("app", [None, 3, object(), print, type("X", (), {"routes": [3, None]})()])
def test_what_is_no_app_has_no_document(app):
    """Whatever is wrapped, asking does no harm."""
    assert answer(app)[0] == 404
