"""``check --suspects``: what an analyser suspects, joined with what was measured."""

from __future__ import annotations

import json
import sys

import pytest
from checking import APPS, Checked, marked

from neverblock.errors import ExitCode
from neverblock.probe.config import RESOLUTION_S

COUNTED = sys.version_info >= (3, 12)
MARKS = ("harmless", "not-reached", "confirmed", "not-asked")
FILE = APPS / "suspected.py"
CONFIG = """
[tool.neverblock]
coverage = 80
"""


def complaint(mark):
    """Give what ruff says of a line, with the file as another machine has it."""
    place = {"filename": f"/home/ci/work/{FILE.parent.name}/{FILE.name}", "code": "ASYNC"}
    location = {"row": marked("suspected", mark), "column": 1}
    return {**place, "location": location, "message": f"this is {mark}"}


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Check the app once, beside what ruff would say of four of its lines."""
    folder = tmp_path_factory.mktemp("suspected")
    (folder / "pyproject.toml").write_text(CONFIG)
    (folder / "ruff.json").write_text(json.dumps([complaint(mark) for mark in MARKS]))
    copies = ("--sarif", folder / "out.sarif")
    return Checked(
        folder, "suspected:app", "--app-dir", APPS, "--quick", "--suspects", "ruff.json", *copies
    )


@pytest.fixture(scope="module")
def suspects(checked):
    """Suspects of the run by what their lines are."""
    return {each["message"].removeprefix("this is "): each for each in checked.run["suspects"]}


def test_each_suspect_gets_its_state(suspects):
    """Where lines can be counted; before Python 3.12 nobody says what only a count shows."""
    expected = {mark: mark for mark in MARKS}
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
    for text in ("suspects confirmed", "suspects not asked", "measured, and not suspected: 1"):
        assert text in checked.said.stdout
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
