"""What held the loop for no request is a finding of the run, in every format."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape

import pytest
from canned_beside import SWEEP, passing_run

from neverblock.errors import ExitCode
from neverblock.gate.decide import exit_code
from neverblock.model import Diagnosis
from neverblock.report import RENDERERS, create_renderer
from neverblock.report.findings import Level, findings, fingerprint
from neverblock.report.summary import answer

EXCUSED = replace(SWEEP, excuse="allowed until 2030-01-01: known")


@pytest.mark.parametrize("name", sorted({*RENDERERS} - {"speedscope"}))
def test_every_format_of_findings_names_the_line(name):
    """Nobody else would: no endpoint is to blame for it."""
    given = create_renderer(name)(passing_run(SWEEP))
    assert "jobs.py" in given
    assert "14" in given


@pytest.mark.parametrize("name", ["text", "markdown", "junit", "sarif", "github", "gitlab", "html"])
def test_it_is_said_how_long_how_often_and_what_to_do(name):
    """With its length, its period, its call and the advice, it can be fixed from the message."""
    given = " ".join(unescape(create_renderer(name)(passing_run(SWEEP))).split())
    for part in ("120 ms", "13 times", "370 ms", "time.sleep", "asyncio.sleep"):
        assert part in given


def test_the_summary_does_not_say_that_all_is_free():
    """A sentence that contradicts the harm would be believed."""
    said = answer(passing_run(SWEEP))
    assert "Background work holds the event loop for 120 ms at a time: app/jobs.py:14." in said
    assert "free" not in said
    assert "1 of 1 endpoints keep the event loop free." in answer(passing_run())


def test_what_passes_with_a_note_is_not_called_free():
    """Others wait for an endpoint that computes in slices, though it passes."""
    said = answer(passing_run(diagnosis=Diagnosis.COOPERATIVE_CPU))
    assert said == "0 of 1 endpoints keep the event loop free. 1 passes with a note."


def test_it_is_an_error_unless_it_is_excused():
    """No format disagrees with the exit code."""
    for hold, level, code in (
        (SWEEP, Level.ERROR, ExitCode.FAILED),
        (EXCUSED, Level.NOTE, ExitCode.OK),
    ):
        run = passing_run(hold)
        assert [f.level for f in findings(run)] == [level]
        assert exit_code(run) is code


def test_its_fingerprint_stays_when_the_line_moves():
    """A viewer knows the fault again after an edit above it, and apart from another function's."""
    moved = replace(SWEEP, place=replace(SWEEP.place, line=20))
    other = replace(SWEEP, place=replace(SWEEP.place, function="other"))
    prints = [fingerprint(findings(passing_run(hold))[0]) for hold in (SWEEP, moved, other)]
    assert prints[0] == prints[1] != prints[2]


def test_sarif_has_it_on_its_line_and_under_no_endpoint():
    """Code scanning shows it where it is to be fixed."""
    (found,) = json.loads(create_renderer("sarif")(passing_run(SWEEP)))["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]
    assert found["ruleId"] == "NB101"
    assert place["artifactLocation"]["uri"] == "app/jobs.py"
    assert place["region"]["startLine"] == 14
    assert "background work" in found["message"]["text"]
