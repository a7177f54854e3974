"""The command as a user types it, where all goes well."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jsonschema
import pytest
from stage_end_to_end import PROJECT, command

from neverblock.errors import ExitCode
from neverblock.storage.schema import SCHEMA_FILE
from target_app import pairs

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = {**os.environ, "COLUMNS": "200", "TERM": "dumb"}
NAMES = ["sleep/bad", "sleep/good", "executor/bad", "executor/good"]


@dataclass(frozen=True)
class Done:
    """A run that was made: its folder of reports, and what the command said."""

    reports: Path
    said: subprocess.CompletedProcess[str]

    @property
    def folder(self):
        """The one folder below the reports that belongs to the run."""
        (folder,) = self.reports.glob("*Z")
        return folder

    @property
    def saved(self):
        """What was saved of it."""
        return json.loads((self.folder / "run.json").read_text())


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Run two pairs under both bursts, once for all tests that look at the outcome."""
    reports = tmp_path_factory.mktemp("reports")
    arguments = ("sleep", "executor", "--scale", "0.2", "--scenario", "gather")
    said = subprocess.run(
        command("run", *arguments, "--scenario", "burst", "--reports", reports),
        cwd=PROJECT,
        env=PLAIN,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(reports, said)


def say(*arguments):
    """Give what the command says to arguments that fire nothing."""
    said = subprocess.run(
        command(*arguments),
        cwd=PROJECT,
        env=PLAIN,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == ExitCode.OK, said.stderr
    return said.stdout


def endpoints(saved):
    """Give the names of what was measured, in the order of the run."""
    return [result["endpoint"]["name"] for result in saved["results"]]


def test_a_run_in_which_every_pair_keeps_its_promise_exits_with_0(done):
    """A bad endpoint that fails is what was promised."""
    assert done.said.returncode == ExitCode.OK, done.said.stderr + done.said.stdout
    assert "Traceback" not in done.said.stderr


def test_a_run_is_saved_in_the_published_shape(done):
    """With the figures of every endpoint under both scenarios."""
    jsonschema.validate(done.saved, json.loads(SCHEMA_FILE.read_text()))
    measured = {(r["endpoint"]["name"], r["scenario"]["name"]) for r in done.saved["results"]}
    assert measured == {(name, how) for name in NAMES for how in ("gather", "burst")}
    assert all(result["as_expected"] for result in done.saved["results"])
    assert all(len(result["records"]) == 10 for result in done.saved["results"])
    assert done.saved["control"]["seen"] is True
    assert done.saved["interrupted"] is False
    assert done.saved["scale"] == 0.2


def test_a_run_has_a_page_and_is_the_latest(done):
    """The page stands beside the run, and the pointer leads to both."""
    page = (done.reports / "latest" / "index.html").read_text()
    assert (done.reports / "latest").resolve() == done.folder.resolve()
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert all(name in page for name in ("time.sleep", "asyncio.sleep", "executor"))
    assert str(done.folder / "index.html") in done.said.stderr


def test_the_table_names_both_scenarios_and_every_endpoint(done):
    """On standard output, without a control character; how it went on is on standard error."""
    for text in ("gather: ", "burst: ", *NAMES, "target_app/pairs/sleep.py"):
        assert text in done.said.stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", done.said.stdout)
    assert "positive control ..." in done.said.stderr
    assert "positive control ..." not in done.said.stdout


def test_a_run_is_reported_again_in_the_same_words(done):
    """Without firing: the file is not touched, and nothing is added to the folder."""
    before = {path: path.stat().st_mtime_ns for path in done.reports.rglob("*")}
    assert say("report", "latest", "--reports", done.reports) == done.said.stdout
    assert say("report", done.folder, "--reports", done.reports) == done.said.stdout
    assert {path: path.stat().st_mtime_ns for path in done.reports.rglob("*")} == before


def test_a_reported_run_is_the_saved_one(done):
    """As JSON on standard output, and by name of the format."""
    assert json.loads(say("report", "--reports", done.reports, "--json", "-")) == done.saved
    assert json.loads(say("report", "--reports", done.reports, "--format", "json")) == done.saved


def test_a_page_is_written_where_the_option_says(done, tmp_path):
    """The same page as the run's own, and nothing on standard output."""
    copy = tmp_path / "page.html"
    assert say("report", "--reports", done.reports, "--html", copy) == ""
    assert copy.read_text() == (done.folder / "index.html").read_text()


def test_options_choose_what_is_measured_and_how(neverblock):
    """An expression, a scenario, a number of requests, and a fifth of the time."""
    said = neverblock(
        *("run", "sleep", "executor", "-k", "sleep and good", "--scenario", "gather"),
        *("--quick", "-n", "4", "--json", "-"),
    )
    assert said.returncode == ExitCode.OK, said.stderr
    saved = json.loads(said.stdout)  # pure JSON, with no word before or after it
    assert endpoints(saved) == ["sleep/good"]
    (result,) = saved["results"]
    assert saved["scale"] == 0.2
    assert result["measurement"]["n"] == result["scenario"]["n"] == len(result["records"]) == 4
    assert result["as_expected"] is True


def test_a_crowd_shows_what_a_light_user_suffers(neverblock):
    """Ten users in a closed loop: whoever only asks for the canary waits for all of them."""
    said = neverblock("run", "sleep", "--scale", "0.1", "--scenario", "crowd", "--json", "-")
    assert said.returncode == ExitCode.OK, said.stderr
    bad, good = json.loads(said.stdout)["results"]
    assert (bad["endpoint"]["name"], good["endpoint"]["name"]) == ("sleep/bad", "sleep/good")
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
