"""GitLab's code quality report, in the fields that GitLab documents."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest
from canned import canned_run
from hostile import NASTY, hostile_run, own

from neverblock.measurement import Frame
from neverblock.model import Diagnosis, Verdict
from neverblock.report.gitlab import render
from neverblock.report.text import render_finding

SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./)(?!/)(?!.*\\.\\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""After "Code Quality report format" in GitLab's documentation: a relative path without ``./``."""


@pytest.fixture(scope="module")
def run():
    """Give the canned run."""
    return canned_run()


def issues(run):
    """Give the issues by endpoint, which are valid and each its own."""
    saved = json.loads(render(run))
    jsonschema.validate(saved, SCHEMA)
    assert len({issue["fingerprint"] for issue in saved}) == len(saved)
    return {issue["description"].partition(":")[0]: issue for issue in saved}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_hostile_names_leave_it_valid(text):
    """No name of a target's breaks the report or leads out of the repository."""
    saved = json.loads(render(hostile_run(text)))
    render(hostile_run(text)).encode("utf-8")
    jsonschema.validate(saved, SCHEMA)
    assert len(saved) == 1


def test_a_finding_stands_on_the_blamed_line(run):
    """The merge request shows it beside the diff."""
    issue = issues(own(run))["sleep/bad"]
    assert issue["check_name"] == "NB101 blocking-io"
    assert issue["location"] == {"path": "target_app/pairs/sleep.py", "lines": {"begin": 21}}


def test_severity_follows_the_gate(run):
    """What fails is critical, what could not be measured major, all else information."""
    saved = {name: issue["severity"] for name, issue in issues(own(run)).items()}
    assert saved["sleep/bad"] == "critical"
    assert saved["image/good"] == "major"
    assert saved["hash/good"] == "info"
    assert issues(run)["sleep/bad"]["severity"] == "info"


def test_a_run_without_findings_is_an_empty_report(run):
    """GitLab takes an empty array for a clean state."""
    assert issues(own(run, "sleep/good")) == {}
    assert issues(replace(run, results=())) == {}


def queueing(run):
    """Make a result whose requests wait at a line of the app's, and hold the loop nowhere."""
    result = next(r for r in run.results if r.blame)
    lock = Frame("shop/stock.py", 41, "reserve", "project", call="lock.acquire()")
    loop = replace(result.measurement.loop, waits=((lock, 9),))
    judgement = replace(result.judgement, diagnosis=Diagnosis.SERIALIZED)
    measurement = replace(result.measurement, loop=loop)
    return replace(result, blame=(), judgement=judgement, measurement=measurement)


def test_a_finding_stands_at_the_line_that_the_text_names(run):
    """Whether that held the loop, or is where requests wait."""
    shop = replace(run, results=(*(r for r in run.results if r.endpoint.pair), queueing(run)))
    failing = [r for r in shop.results if r.judgement.verdict is Verdict.FAIL]
    assert failing
    for result in failing:
        (issue,) = issues(replace(shop, results=(result,))).values()
        place = f"{issue['location']['path']}:{issue['location']['lines']['begin']}"
        assert place in render_finding(result, width=200)
