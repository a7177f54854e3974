"""SARIF as its own schema reads it, and as code scanning shows it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from canned import canned_run
from hostile import NASTY, hostile_run, own

from neverblock.analysis.codes import CODES, page
from neverblock.report.sarif import render

SCHEMA = json.loads(
    (Path(__file__).with_name("schemas") / "sarif-2.1.0-rtm.5.json").read_text("utf-8")
)
"""The standard's, errata included, MIT licence, as the package @microsoft/jest-sarif has it."""

VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.fixture(scope="module")
def run():
    """Give the canned run."""
    return canned_run()


def log(run):
    """Give the one run of a log, which is valid."""
    saved = json.loads(render(run))
    VALIDATOR.validate(saved)
    return saved["runs"][0]


def result(run, name):
    """Give the result of an endpoint."""
    return next(
        r
        for r in log(run)["results"]
        if r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == name
    )


def physical(saved):
    """Give every place in a file that a piece of a log names."""
    if isinstance(saved, dict):
        if "physicalLocation" in saved:
            yield saved["physicalLocation"]
        saved = list(saved.values())
    if isinstance(saved, list):
        for each in saved:
            yield from physical(each)


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_hostile_names_leave_it_valid_and_inside_of_the_repository(text):
    """No name of a target's breaks the schema, leads elsewhere, or becomes a link."""
    saved = log(hostile_run(text))
    render(hostile_run(text)).encode("utf-8")
    for place in physical(saved):
        uri = place["artifactLocation"]["uri"]
        assert urlsplit(uri)[:2] == ("", "")
        assert not unquote(uri).startswith("/")
        assert ".." not in unquote(uri).split("/")
    for each in saved["results"]:
        assert re.search(r"(?<!\\)(\\\\)*\]\(", each["message"]["text"]) is None


@pytest.mark.parametrize("change", [{}, {"interrupted": True}, {"results": ()}])
def test_every_kind_of_run_is_valid(run, change):
    """All verdicts, an early end and an empty run follow the schema."""
    assert log(replace(run, **change))


def test_the_schema_refuses_another_shape(run):
    """A schema that allowed anything would prove nothing."""
    saved = json.loads(render(run))
    saved["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(saved)


def test_a_finding_stands_on_the_blamed_line(run):
    """Code scanning marks the call itself, within the repository."""
    place = result(own(run), "sleep/bad")["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {
        "uri": "target_app/pairs/sleep.py",
        "uriBaseId": "%SRCROOT%",
    }
    assert place["region"] == {"startLine": 21, "startColumn": 5, "endLine": 21, "endColumn": 15}


def test_every_finding_has_a_place_in_a_file(run):
    """GitHub refuses a result without one; where no line is known, the app's own file stands."""
    saved = log(run)["results"]
    assert len(saved) > 5
    assert all(r["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1 for r in saved)
    assert (
        result(run, "image/good")["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        == "target_app/app.py"
    )


def test_levels_are_those_of_the_gate(run):
    """What fails the run is an error; what a pair promises, and what passes, are notes."""
    assert result(own(run), "sleep/bad")["level"] == "error"
    assert result(run, "sleep/bad")["level"] == "note"
    assert result(run, "image/good")["level"] == "error"
    assert result(own(run), "hash/good")["level"] == "note"


def test_every_result_has_its_rule_with_the_codes_page(run):
    """What code scanning shows beside an alert is what `neverblock explain` shows."""
    saved = log(run)
    rules = saved["tool"]["driver"]["rules"]
    known = {code.code: code for code in CODES}
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in saved["results"])
    assert {rule["id"] for rule in rules} == {r["ruleId"] for r in saved["results"]}
    for rule in rules:
        assert rule["help"]["markdown"] == page(known[rule["id"]])
        assert rule["name"] == known[rule["id"]].name


def test_the_call_path_leads_through_the_apps_own_code(run):
    """Outermost first, to the call that held the loop; libraries are in no repository."""
    steps = result(own(run), "sleep/bad")["codeFlows"][0]["threadFlows"][0]["locations"]
    texts = [step["location"]["message"]["text"] for step in steps]
    assert texts == ["endpoint calls bad", "bad calls time.sleep"]


def test_a_recursion_is_one_step(run):
    """Nine times the same line would only hide the way."""
    app = own(run, "sleep/bad")
    blame = app.results[0].blame[0]
    own_frame = replace(blame.path[1], function="walk")
    blame = replace(blame, path=(blame.path[0], *[own_frame] * 9, *blame.path[2:]))
    saved = result(replace(app, results=(replace(app.results[0], blame=(blame,)),)), "sleep/bad")
    steps = saved["codeFlows"][0]["threadFlows"][0]["locations"]
    texts = [step["location"]["message"]["text"] for step in steps]
    assert texts == ["walk calls walk", "walk calls bad", "bad calls time.sleep"]


def test_an_apps_folder_is_part_of_every_path(run):
    """In a repository of several services each finding is found."""
    saved = log(replace(own(run, "sleep/bad"), environment={"app_dir": "services/shop"}))
    places = list(physical(saved))
    assert len(places) > 2
    assert all(p["artifactLocation"]["uri"].startswith("services/shop/") for p in places)


def test_other_blamed_places_are_related(run):
    """A second place that held the loop is named, and not a second alert."""
    app = own(run, "sleep/bad")
    first = app.results[0].blame[0]
    blamed = (first, replace(first, line=40, function="other"))
    app = replace(app, results=(replace(app.results[0], blame=blamed),))
    (saved,) = log(app)["results"]
    assert [p["region"]["startLine"] for p in physical(saved["relatedLocations"])] == [40]


def test_a_run_that_counts_for_nothing_was_no_success(run):
    """An empty log of a broken run does not close the alerts of the last one unseen."""
    assert log(run)["invocations"] == [{"executionSuccessful": True}]
    (invocation,) = log(replace(run, results=()))["invocations"]
    assert invocation["executionSuccessful"] is False
    text = invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert text == "Nothing was measured."
