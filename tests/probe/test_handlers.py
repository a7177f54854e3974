"""The functions that an app registers for its routes are listed with their lines."""

from __future__ import annotations

import functools
import inspect
import json

from fastapi import APIRouter, Depends, FastAPI, WebSocket
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Mount, Route

from neverblock.probe.handlers import answer


def deepest():
    """Be a dependency of a dependency."""


async def below(value: None = Depends(deepest)):
    """Be a dependency."""


def wrapped(function):
    """Wrap a handler, as decorators do."""

    @functools.wraps(function)
    async def around(*args, **more):
        return await function(*args, **more)

    return around


@wrapped
async def handler(value: None = Depends(below)):
    """Answer, by a function in this function."""

    def inner():
        return 1

    return inner()


async def socket(websocket: WebSocket):
    """Serve a websocket."""


class Page(HTTPEndpoint):
    """Serve by methods of a class."""

    async def get(self, request):
        """Answer a GET."""

    async def post(self, request):
        """Answer a POST."""


def app():
    """Make an app with an included router, a mounted app, a class and a websocket."""
    router = APIRouter(prefix="/api")
    router.add_api_route("/items/{id:path}", handler, methods=["GET", "PUT"])
    mounted = FastAPI()
    mounted.add_api_route("/deep", functools.partial(handler))
    made = FastAPI(routes=[Mount("/sub", mounted), Route("/page", Page)])
    made.include_router(router, prefix="/v1")
    made.add_api_websocket_route("/ws", socket)
    return made


def listed():
    """Give what is listed of this file, as (route, first line) pairs."""
    status, body = answer(app())
    assert status == 200
    return {
        (route, first): last for route, file, first, last in json.loads(body) if file == __file__
    }


def first_line(function):
    """Give where a function's source begins, its decorators included."""
    return inspect.getsourcelines(inspect.unwrap(function))[1]


def test_handlers_and_dependencies_are_those_of_every_method():
    """By the names that results have, below the prefixes of routers, at any depth."""
    found = listed()
    for route in ("GET /v1/api/items/{id}", "PUT /v1/api/items/{id}"):
        for function in (handler, below, deepest):
            assert (route, first_line(function)) in found


def test_mounted_apps_classes_and_websockets_are_listed():
    """A partial goes by the function that it calls, a class by its methods."""
    found = listed()
    assert ("GET /sub/deep", first_line(below)) in found
    assert ("WEBSOCKET /ws", first_line(socket)) in found
    assert ("POST /page", first_line(Page.post)) in found


def test_a_function_ends_with_the_last_that_is_defined_in_it():
    """Lines of inner functions are the handler's own."""
    lines, first = inspect.getsourcelines(inspect.unwrap(handler))
    assert listed()["GET /v1/api/items/{id}", first] == first + len(lines) - 1


def test_an_app_without_routes_has_none():
    """And nothing that its routes are made of is an error."""
    assert answer(object()) == (200, b"[]")
