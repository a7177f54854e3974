"""``check --suspects``: what an analyser suspects, joined with what was measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from checking import APPS, Checked, marked

from neverblock.errors import ExitCode
from neverblock.probe.config import RESOLUTION_S

COUNTED = sys.version_info >= (3, 12)
RUFF = Path(sys.executable).with_name("ruff")
FILE = APPS / "suspected.py"
LINES = {
    marked("suspected", mark): mark
    for mark in ("harmless", "not-reached", "confirmed", "not-asked", "not-known")
}
CONFIG = """
[tool.neverblock]
coverage = 80
"""


def of_ruff():
    """Give what ruff really says of the app, as SARIF; its lines are excused there."""
    said = ("--isolated", "--ignore-noqa", "--exit-zero", "--output-format", "sarif")
    command = [RUFF, "check", "--select", "ASYNC", *said, FILE]
    return subprocess.run(command, check=True, capture_output=True).stdout


def of_another():
    """Give SARIF of another analyser, whose files are those of another machine."""
    place = {
        "artifactLocation": {"uri": f"/home/ci/work/{FILE.parent.name}/{FILE.name}"},
        "region": {"startLine": marked("suspected", "not-known")},
    }
    message = {"text": "it may block"}
    result = {"ruleId": "blocks", "message": message, "locations": [{"physicalLocation": place}]}
    driver = {"name": "another", "rules": []}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": [result]}]}


def of_hydroid():
    """Give the JSON of hydroid on a line that a route reaches."""
    place = {"path": FILE.name, "line": marked("suspected", "not-asked"), "column": 5}
    sink = {"qualname": "time.sleep", "category": "sleep", "advice": "use another"}
    return {"diagnostics": [{"location": place, "sink": sink, "reached_from": {"location": place}}]}


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Check the app once, beside what three analysers say of its lines."""
    folder = tmp_path_factory.mktemp("suspected")
    (folder / "pyproject.toml").write_text(CONFIG)
    (folder / "ruff.sarif").write_bytes(of_ruff())
    (folder / "another.sarif").write_text(json.dumps(of_another()))
    (folder / "hydroid.json").write_text(json.dumps(of_hydroid()))
    given = ("ruff.sarif", "another.sarif", "hydroid.json")
    suspects = [word for name in given for word in ("--suspects", name)]
    copies = ("--sarif", folder / "out.sarif", "--md", folder / "out.md")
    return Checked(folder, "suspected:app", "--app-dir", APPS, "--quick", *suspects, *copies)


@pytest.fixture(scope="module")
def suspects(checked):
    """Suspects of the run by what their lines are; of two analysers' the first."""
    return {LINES[each["line"]]: each for each in reversed(checked.run["suspects"])}


def test_all_analysers_are_heard(checked):
    """Each file by its own format; of ruff the four lines that it really complains of."""
    heard = {(each["source"], LINES[each["line"]]) for each in checked.run["suspects"]}
    by_ruff = {("ruff", mark) for mark in LINES.values() if mark != "not-known"}
    assert heard == {*by_ruff, ("another", "not-known"), ("hydroid", "not-asked")}


def test_each_suspect_gets_its_state(suspects):
    """Where lines can be counted; before Python 3.12 nobody says what only a count shows."""
    expected = {mark: mark for mark in LINES.values()}
    if not COUNTED:
        expected |= {"harmless": "not-known", "not-reached": "not-known"}
    assert {mark: each["state"] for mark, each in suspects.items()} == expected


def test_each_suspect_gets_the_route_that_reaches_it(suspects):
    """A handler's own, or that of the dependency that holds the line."""
    assert {mark: each["endpoint"] for mark, each in suspects.items()} == {
        "harmless": "GET /small",
        "not-reached": "GET /{tenant}/rows",
        "confirmed": "GET /blocks",
        "not-asked": "POST /orders",
        "not-known": None,
    }


def test_states_come_with_their_figures(suspects):
    """How often a line ran, if that is known, and for how long it held the loop, if it was seen."""
    assert suspects["not-reached"]["longest_s"] is None
    assert (suspects["harmless"]["longest_s"] or 0.0) < RESOLUTION_S
    assert (suspects["confirmed"]["code"], suspects["confirmed"]["longest_s"] > 0.05) == (
        "NB101",
        True,
    )
    runs = {mark: each["runs"] for mark, each in suspects.items()}
    if COUNTED:
        assert (runs["not-reached"], runs["not-asked"]) == (0, 0)
        assert min(runs["harmless"], runs["confirmed"]) >= 10
    else:
        assert set(runs.values()) == {None}
        assert "3.12" in suspects["harmless"]["why"]


def test_states_come_with_what_to_configure(suspects, checked):
    """The value that was made up, and the method that nobody named."""
    assert 'name = "POST /orders"' in suspects["not-asked"]["why"]
    if COUNTED:
        assert 'path = { tenant = "..." }' in suspects["not-reached"]["why"]
    said = "suspects confirmed", "suspects not asked", "suspects not known"
    for text in (*said, "measured, and not suspected: 1"):
        assert text in checked.said.stdout
    (saved,) = json.loads((checked.folder / "out.sarif").read_text())["runs"]
    told = [each["state"] for each in saved["properties"]["suspects"]]
    assert told == [each["state"] for each in checked.run["suspects"]]
    assert "**not asked**" in (checked.folder / "out.md").read_text()
    assert f"suspected.py:{marked('suspected', 'unsuspected')} deep" in checked.said.stdout


def test_coverage_is_counted_and_gates(checked):
    """Four of five routes are asked, one of them with a made-up value alone."""
    coverage = checked.run["coverage"]
    counts = [coverage[name] for name in ("routes", "asked", "made_up", "empty", "share")]
    assert counts == [5, 4, 1, 1, 0.8]
    assert coverage["required"] == 0.8
    assert "4 of 5 routes asked (80 %)" in checked.said.stdout
    assert checked.code == ExitCode.FAILED  # by its endpoints that block


@pytest.mark.parametrize(
    ("content", "said"),
    [('{"version": "3"}', "neither SARIF"), ("E501 line too long", "is not JSON"), (None, "read")],
)
def test_what_is_no_analysis_is_refused_before_anything_is_measured(tmp_path, content, said):
    """With the file's name, and nothing started or kept."""
    if content is not None:
        (tmp_path / "found.txt").write_text(content)
    refused = Checked(tmp_path, "suspected:app", "--app-dir", APPS, "--suspects", "found.txt")
    assert refused.code == ExitCode.USAGE
    assert said in refused.said.stderr
    assert "found.txt" in refused.said.stderr
    assert not (tmp_path / "reports").exists()


def test_a_url_has_no_lines(tmp_path):
    """Watched from outside, no suspect could be confirmed or cleared."""
    refused = Checked(tmp_path, "http://127.0.0.1:9", "--canary", "/", "--suspects", "auto")
    assert refused.code == ExitCode.USAGE
    assert "from outside" in refused.said.stderr
