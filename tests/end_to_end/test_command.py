"""The command as a user types it, where all goes well."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from in_process import say as say_here
from stage_end_to_end import GATE_WITHIN_S, PROJECT

from neverblock.errors import ExitCode
from neverblock.storage.schema import SCHEMA_FILE
from target_app import pairs

pytestmark = pytest.mark.timeout(GATE_WITHIN_S + 30)


def say(*arguments):
    """Give what the command says to arguments that fire nothing."""
    said = say_here(*arguments, folder=PROJECT, COLUMNS="200")
    assert said.returncode == ExitCode.OK, said.stderr
    return said.stdout


def test_a_run_is_saved_in_the_published_shape(gate):
    """With the figures of every endpoint under its scenarios."""
    jsonschema.validate(gate.saved, json.loads(SCHEMA_FILE.read_text()))
    results = [r for r in gate.saved["results"] if r["verdict"] != "skipped"]
    bursts = [r for r in results if r["scenario"]["name"] != "crowd"]
    assert {len(r["records"]) for r in bursts} == {10}
    assert gate.saved["control"]["seen"] is True
    assert gate.saved["interrupted"] is False
    assert gate.saved["scale"] == 0.2


def test_a_run_has_a_page_and_is_the_latest(gate):
    """The page stands beside the run, and the pointer leads to both."""
    page = (gate.reports / "latest" / "index.html").read_text()
    assert (gate.reports / "latest").resolve() == gate.folder.resolve()
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert all(name in page for name in ("time.sleep", "asyncio.sleep", "executor"))
    assert str(gate.folder / "index.html") in gate.said.stderr


def test_the_table_names_all_scenarios_and_every_endpoint(gate):
    """On standard output, without a control character; how it went on is on standard error."""
    for text in (
        "gather: ",
        "burst: ",
        "crowd: ",
        "sleep/bad",
        "executor/good",
        "target_app/pairs/sleep.py",
    ):
        assert text in gate.said.stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", gate.said.stdout)
    assert "positive control ..." in gate.said.stderr
    assert "positive control ..." not in gate.said.stdout
    assert "Traceback" not in gate.said.stderr


def test_a_run_is_reported_again_in_the_same_words(gate):
    """Without firing: the file is not touched, and nothing is added to the folder."""
    before = {path: path.stat().st_mtime_ns for path in gate.reports.rglob("*")}
    assert say("report", "latest", "--reports", gate.reports) == gate.said.stdout
    assert say("report", gate.folder, "--reports", gate.reports) == gate.said.stdout
    assert {path: path.stat().st_mtime_ns for path in gate.reports.rglob("*")} == before


def test_a_reported_run_is_the_saved_one(gate):
    """As JSON on standard output, and by name of the format."""
    assert json.loads(say("report", "--reports", gate.reports, "--json", "-")) == gate.saved
    assert json.loads(say("report", "--reports", gate.reports, "--format", "json")) == gate.saved


def test_a_page_is_written_where_the_option_says(gate, tmp_path):
    """The same page as the run's own, and nothing on standard output."""
    copy = tmp_path / "page.html"
    assert say("report", "--reports", gate.reports, "--html", copy) == ""
    assert copy.read_text() == (gate.folder / "index.html").read_text()


def test_a_crowd_shows_what_a_light_user_suffers(gate):
    """Ten users in a closed loop: whoever only asks for the canary waits for all of them."""
    crowd = {
        r["endpoint"]["name"]: r
        for r in gate.saved["results"]
        if r["scenario"]["name"] == "crowd" and r["endpoint"]["pair"] == "sleep"
    }
    bad, good = crowd["sleep/bad"], crowd["sleep/good"]
    assert (bad["verdict"], good["verdict"]) == ("fail", "pass")
    assert bad["scenario"]["duration_s"] == good["scenario"]["duration_s"] > 0
    assert good["measurement"]["requests"] > 3 * bad["measurement"]["requests"]
    slowest = [
        max(r["done_s"] - r["sent_s"] for r in result["measurement"]["light"])
        for result in (bad, good)
    ]
    assert slowest[0] > 3 * slowest[1]


def test_every_pair_is_listed():
    """By its name, with the call that blocks and what replaces it."""
    listed = say("list")
    assert len(pairs.names()) == 13
    for pair in pairs.catalog():
        assert re.search(rf"\b{pair.name}\b", listed)
    assert "time.sleep" in listed
    assert "asyncio.sleep" in listed
