from __future__ import annotations

import shlex

import pytest

from neverblock.target.command import named_in, words


@pytest.mark.parametrize(
    ("command", "app"),
    [
        ("gunicorn -w 4 -b 127.0.0.1:8000 shop.main:app", None),
        ("gunicorn -w 4 -b 127.0.0.1:8000 shop.main:app", "shop.main:app"),
        ("hypercorn --bind localhost:8000 shop.main:app", None),
        ("gunicorn -k shop.work:Worker -c 'my conf.py' shop.main:app", "shop.main:app"),
    ],
)
def test_the_app_that_a_command_names_is_the_one_that_it_serves(command, app):
    """As people type it, without a place for the probe; an address names no app."""
    found, changed = named_in(command, app)
    assert found == "shop.main:app"
    given = shlex.split(command)
    assert words(changed) == ["{app}" if word == found else word for word in given]


@pytest.mark.parametrize(
    ("command", "app"),
    [
        ("uvicorn {app}", None),
        ("uvicorn {app}", "main:app"),
        ("uvicorn other:app", "main:app"),
        ("gunicorn -k shop.work:Worker shop.main:app", None),
        (None, "main:app"),
    ],
)
def test_a_command_that_names_none_or_several_is_left_as_it_is(command, app):
    """Nothing is guessed."""
    assert named_in(command, app) == (app, command)
