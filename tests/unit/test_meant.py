"""Names of apps and endpoints that are none, and what was most likely meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from neverblock.cli.check import target_of
from neverblock.config import Config
from neverblock.config.app_named import import_string_for
from neverblock.endpoints.name_filter import meant
from neverblock.errors import UsageError
from neverblock.target.near_module import meant_instead

MAIN = "from fastapi import FastAPI\n{} = FastAPI()\n"
NAMES = ("GET /health", "GET /orders/{order_id}", "POST /orders")
LOST = "Traceback (most recent call last):\n  (9 frames of libraries left out)\n{}\n"


@pytest.fixture
def shop(tmp_path):
    """Give a project with a package, a file at the top, and one beneath src."""
    for file, name in (("shop/main.py", "api"), ("top.py", "app"), ("src/web/asgi.py", "app")):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MAIN.format(name), encoding="utf-8")
    (tmp_path / "shop" / "jobs.py").write_text("", encoding="utf-8")
    (tmp_path / "pay").mkdir()
    (tmp_path / "pay" / "__init__.py").write_text("", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("heatlh", "Did you mean 'health'? "),
        ("GET /heatlh", "Did you mean 'GET /health'? "),
        ("orders and heatlh", "Did you mean 'health'? "),
        ("orders and health", ""),
        ("zzz", ""),
    ],
)
def test_a_mistyped_word_of_an_expression_is_corrected(expression, said):
    """By a word of some name, or by a whole one; where each word fits, none is mistyped."""
    assert meant(expression, NAMES) == said


@pytest.mark.parametrize(
    ("named", "typed"),
    [
        ("shop/main.py", "shop.main:api"),
        ("./shop/main.py", "shop.main:api"),
        ("{}/shop/main.py", "shop.main:api"),
        ("shop/main.py:api", "shop.main:api"),
        ("shop/main.py:other", "shop.main:other"),
        ("shop/jobs.py", "shop.jobs:app"),
        ("shop.main", "shop.main:api"),
        ("top.py", "top:app"),
        ("top", "top:app"),
        ("src/web/asgi.py", "web.asgi:app --app-dir src"),
        ("shop/mian.py", "shop.main:app"),
        ("nothing/like/it.py", None),
    ],
)
def test_a_file_is_told_as_the_import_string_of_its_app(shop, named, typed):
    """With what else it takes; a name that is no file's is corrected by the folder's."""
    assert import_string_for(named.format(shop), shop) == typed


@pytest.mark.parametrize("named", ["shop/main.py", "shop/main.py:api", "shop.main"])
def test_the_command_says_what_to_type_instead(shop, named):
    """Before anything is started."""
    with pytest.raises(UsageError) as caught:
        target_of(Config(app=named, app_dir=shop), "auto", 1.0)
    assert caught.value.hint.startswith("Did you mean shop.main:api? Write it as package.module")


@pytest.mark.parametrize(
    ("app", "missing", "said"),
    [
        ("shop.mian:api", "shop.mian", "Did you mean shop.main:api?\n"),
        ("shpo.main:api", "shpo", "Did you mean shop.main:api?\n"),
        ("pya:app", "pya", "Did you mean pay:app?\n"),
        ("shop.main:api", "httpx", ""),
        ("shop.main:api", "shop", ""),
        ("shop.main:api", "shop.ma", ""),
        ("zzz:app", "zzz", ""),
    ],
)
def test_a_module_that_a_server_does_not_find_is_corrected(shop, app, missing, said):
    """By one in the folder; not where the app is found and lacks something itself."""
    printed = LOST.format(f"ModuleNotFoundError: No module named '{missing}'")
    assert meant_instead(printed, app, shop) == said


def test_another_error_of_a_server_corrects_nothing():
    """Whatever it printed."""
    assert meant_instead(LOST.format("ValueError: no"), "shop.mian:app", Path()) == ""
