"""Hooks that log in, and hooks that do not."""

from __future__ import annotations

import asyncio

import pytest

from neverblock.config.login_hook import run_setup
from neverblock.config.request_values import Additions
from neverblock.errors import NeverblockError, TargetError, UsageError
from neverblock.plan import Target

HOOKS = """
from datetime import date

async def log_in(client):
    return {"headers": {"Authorization": f"Bearer {client.base_url}"}, "path": {"id": 7}}

def plain(client):
    return {"query": {"key": "${NOT_EXPANDED}"}, "cookies": {"s": "1"}}

def nothing(client):
    pass

def fails(client):
    raise LookupError("no such user")

async def refused(client):
    (await client.get("/token")).raise_for_status()

def wrong_kind(client):
    return ["secret-value"]

def no_json(client):
    return {"query": {"when": date(2030, 1, 2), "key": object()}}

def dated(client):
    print("what a hook prints is no answer")
    return {"query": {"when": date(2030, 1, 2)}}

def ends(client):
    raise SystemExit("no account")

def wrong_key(client):
    return {"header": {"x": "secret-value"}, "query": 3, "headers": {"a": "secret\\nvalue"}}

value = 3
"""


@pytest.fixture
def run(tmp_path):
    """Give a function that runs one of the hooks against a port where nobody listens."""
    (tmp_path / "hooks_of_setup.py").write_text(HOOKS, encoding="utf-8")
    target = Target("main:app", tmp_path)
    return lambda name: asyncio.run(
        run_setup(f"hooks_of_setup:{name}", "http://127.0.0.1:1", target)
    )


def test_a_hook_may_be_async_or_not(run):
    """What it returns is added by place, header names in lower case, texts as they are."""
    assert run("log_in") == Additions(
        path={"id": 7}, headers={"authorization": "Bearer http://127.0.0.1:1"}
    )
    assert run("plain") == Additions(query={"key": "${NOT_EXPANDED}"}, cookies={"s": "1"})
    assert run("nothing") == Additions()
    assert run("dated") == Additions(query={"when": "2030-01-02"})


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("fails", TargetError, "raised LookupError: no such user"),
        ("refused", TargetError, "raised ConnectError"),
        ("wrong_kind", UsageError, "returned what cannot be used: should be a table"),
        ("wrong_key", UsageError, "unknown key 'header'; did you mean 'headers'?"),
        ("no_json", UsageError, "returned what cannot be used: a value of the type object"),
        ("ends", TargetError, "ended with exit code 1: no account"),
        ("value", UsageError, "is not a function but int"),
        ("missing", NeverblockError, "cannot be imported"),
    ],
)
def test_what_goes_wrong_is_told_with_the_hooks_name(run, name, kind, message):
    """Without a traceback, and without the values, which are secrets."""
    with pytest.raises(kind) as caught:
        run(name)
    assert message in str(caught.value)
    assert f"hooks_of_setup:{name}" in str(caught.value)
    assert "secret" not in str(caught.value)
