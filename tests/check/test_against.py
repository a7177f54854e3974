"""``neverblock check --against``: two states of an app, measured in turns."""

from __future__ import annotations

import json
import shutil

import pytest
from checking import APPS, Checked
from in_process import say

from neverblock.errors import ExitCode

CHOSEN = ("shop:app", "-k", "free or order_id")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Give the app as it was, when it was free where it blocks now, and blocked as it does now."""
    folder = tmp_path_factory.mktemp("base")
    shutil.copytree(APPS, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def head(tmp_path_factory):
    """Give the app as it is: what was free blocks."""
    folder = tmp_path_factory.mktemp("head")
    shutil.copytree(APPS, folder, dirs_exist_ok=True)
    shop = folder / "shop.py"
    now = shop.read_text().replace("await asyncio.sleep(WORK_S)", "time.sleep(WORK_S)", 1)
    assert now != shop.read_text()
    shop.write_text(now)
    return folder


@pytest.fixture(scope="module")
def checked(base, head, tmp_path_factory):
    """Check the one against the other, where only what is worse may fail."""
    folder = tmp_path_factory.mktemp("checked")
    options = ("--app-dir", head, "--against", base, "--fail-on", "new")
    return Checked(folder, *CHOSEN, *options)


def test_what_is_worse_than_in_the_base_fails(checked):
    """What blocked before is reported and does not fail the gate."""
    assert checked.code == ExitCode.FAILED
    assert checked.diagnoses == {
        "GET /free": "blocking-io",
        "GET /orders/{order_id}": "blocking-io",
    }
    message = checked.said.stdout + checked.said.stderr
    assert "✗ GET /free" in message
    assert "~ GET /orders/{order_id}" in message
    assert "newly-blocking GET /free (gather): pass concurrent -> fail blocking-io" in message


def test_both_runs_are_kept(checked):
    """The newer one is the latest, and is what the formats are made of."""
    runs = [
        json.loads(file.read_text())
        for file in sorted((checked.folder / "reports").glob("*Z*/run.json"))
    ]
    found = [
        {r["endpoint"]["name"]: r["verdict"] for r in run["results"]}["GET /free"] for run in runs
    ]
    assert sorted(found) == ["fail", "pass"]
    latest = json.loads((checked.folder / "reports" / "latest" / "run.json").read_text())
    assert latest["results"][0]["diagnosis"] == "blocking-io"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("shop:app", "--app-dir", APPS, "--against", "nowhere"), "git worktree add"),
        (("http://127.0.0.1:1", "--canary", "/", "--against", "."), "--baseline RUN"),
        (("shop:app", "--app-dir", APPS, "--against", "."), "The base: "),
    ],
)
def test_a_base_that_is_none_is_refused(arguments, message, tmp_path):
    """With what to type next."""
    said = say("check", *arguments, "--reports", tmp_path / "reports", folder=tmp_path)
    assert said.returncode == ExitCode.USAGE
    assert message in said.stderr.replace("\n", " ")
    assert "harness/" not in said.stderr
