"""The texts of a folder's files in; the import strings of its apps out."""

from __future__ import annotations

import pytest

from neverblock.config.app_finder import FoundApp, apps_in

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
FACTORY = "def create_app(debug=False):\n    made = FastAPI()\n    return made\n"


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        ({"main.py": FASTAPI}, FoundApp("main:app")),
        (
            {"main.py": "import fastapi\napi: fastapi.FastAPI = fastapi.FastAPI(title='x')"},
            FoundApp("main:api"),
        ),
        ({"web.py": "app = Starlette(routes=[])"}, FoundApp("web:app")),
        ({"web.py": "app = Litestar([])"}, FoundApp("web:app")),
        (
            {"site/asgi.py": "application = get_asgi_application()", "site/__init__.py": ""},
            FoundApp("site.asgi:application"),
        ),
        ({"main.py": FACTORY}, FoundApp("main:create_app", factory=True)),
        (
            {"main.py": "def create(): return Quart(__name__)"},
            FoundApp("main:create", factory=True),
        ),
        ({"app/main.py": FASTAPI}, FoundApp("app.main:app")),
        ({"app/main.py": FASTAPI, "app/__init__.py": ""}, FoundApp("app.main:app")),
        ({"app/__init__.py": FASTAPI}, FoundApp("app:app")),
        (
            {"src/shop/main.py": FASTAPI, "src/shop/__init__.py": ""},
            FoundApp("shop.main:app", "src"),
        ),
        ({"src/shop/main.py": FASTAPI}, FoundApp("shop.main:app", "src")),
        (
            {"back/app/main.py": FASTAPI, "back/app/__init__.py": ""},
            FoundApp("app.main:app", "back"),
        ),
        (
            {"back/app/main.py": f"from app.db import x\n{FASTAPI}"},
            FoundApp("app.main:app", "back"),
        ),
    ],
)
def test_an_app_is_found_with_where_it_is_imported_from(sources, found):
    """Frameworks, factories, packages, src layouts and folders without __init__.py."""
    assert apps_in(sources) == (found,)


@pytest.mark.parametrize(
    "text",
    [
        "app = make()",
        "app = None",
        "def create(settings): return FastAPI()",
        "def create(*, settings): return FastAPI()",
        "def create(): FastAPI()",
        "class Api:\n    app = FastAPI()",
        "this is no Python",
        "\0",
        "",
    ],
)
def test_what_makes_no_app_is_passed_over(text):
    """Unknown makers, functions that need something, and files that cannot be read."""
    assert apps_in({"main.py": text}) == ()


def test_the_likeliest_comes_first():
    """An app before a factory, near the top, in a usual file and by a usual name."""
    sources = {
        "a/b/main.py": FASTAPI,
        "zoo.py": FASTAPI,
        "main.py": f"{FASTAPI}{FACTORY}inner = FastAPI()\n",
        "asgi.py": FASTAPI,
    }
    assert [one.app for one in apps_in(sources)] == [
        "main:app",
        "main:inner",
        "asgi:app",
        "zoo:app",
        "a.b.main:app",
        "main:create_app",
    ]


def test_the_app_with_the_most_routes_comes_first():
    """Those of the routers that it imports count, and those of another app never do."""
    router = "router = APIRouter()\n" + "@router.get('/x')\nasync def x(): ...\n" * 9
    sources = {
        "upstream.py": f"from shop import main\n{FASTAPI}@app.get('/rate')\ndef rate(): ...\n",
        "shop/__init__.py": "",
        "shop/main.py": f"from shop import orders\nfrom . import users\n{FASTAPI}"
        "app.include_router(orders.router)\n@app.post('/login')\ndef login(): ...\n",
        "shop/orders.py": router,
        "shop/users.py": "routes = [Route('/users', users), Route('/me', me)]",
    }
    found = [(each.app, each.routes) for each in apps_in(sources)]
    assert found == [("shop.main:app", 12), ("upstream:app", 1)]
    assert apps_in(dict(reversed(sources.items())))[0].app == "shop.main:app"


def test_apps_of_equally_many_routes_come_as_usual():
    """Where none can be counted too: what is made by a function may have its routes anywhere."""
    found = apps_in({"zoo.py": FASTAPI, "main.py": FASTAPI, "make.py": FACTORY})
    assert [each.app for each in found] == ["main:app", "zoo:app", "make:create_app"]


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ("@get('/')\nasync def index(): ...\napp = Litestar([index])\n", 1),
        ("app = Starlette(routes=[Route('/a', a), WebSocketRoute('/b', b)])\n", 2),
        ("app = FastAPI()\nother = FastAPI()\n@other.get('/')\ndef f(): ...\n", 0),
        ("app = FastAPI()\napp.add_api_route('/a', a)\n@app.on_event('x')\ndef f(): ...\n", 1),
    ],
)
def test_routes_are_counted_as_frameworks_declare_them(text, routes):
    """By decorators and by calls; what is declared on another app is that one's."""
    found = {each.app: each.routes for each in apps_in({"main.py": text})}
    assert found["main:app"] == routes
