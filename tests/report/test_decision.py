"""The gate's decision and a comparison, as they are shown."""

from __future__ import annotations

import json
from dataclasses import replace

from canned import HOSTILE, canned_run, hostile

from neverblock.errors import ExitCode
from neverblock.gate.compare import Change, Comparison, Difference, compare
from neverblock.gate.decide import Decision, Reason
from neverblock.report import compare_json, compare_text, decision_json, decision_text

MINDED = Reason("waits", ExitCode.FAILED, "GET /a", "gather", "NB101")
ABSENT = Reason("could not be measured", ExitCode.NOT_MEASURED)


def test_a_decision_tells_what_it_minds_and_what_it_lets_pass():
    """Each in its own words, the outcome last, where a job's log ends."""
    decision = Decision((MINDED,), (replace(MINDED, endpoint="GET /b"),), ("keep it short",))
    assert decision_text.render(decision) == (
        "✗ GET /a  NB101, gather\n"
        "  waits\n"
        "~ GET /b  NB101, gather\n"
        "  waits\n"
        "! keep it short\n"
        "The gate fails.\n"
    )


def test_every_outcome_has_its_words():
    """A reason about the whole run names no endpoint."""
    assert decision_text.render(Decision(())) == "The gate passes.\n"
    absent = decision_text.render(Decision((ABSENT,))).splitlines()
    assert absent[0] == "✗ the run"
    assert "not all could be measured" in absent[-1]
    cut = replace(ABSENT, exit_code=ExitCode.INTERRUPTED)
    assert decision_text.render(Decision((cut,))).splitlines()[-1].endswith("not whole.")


def test_a_finding_that_stands_above_is_not_told_again():
    """After the text of a check, only what the policy makes of it; of the whole run, all."""
    new = replace(MINDED, sentence="waits (it is new)", because="it is new")
    shown = decision_text.render(Decision((MINDED, new, ABSENT)), told=True)
    assert shown == (
        "✗ GET /a  NB101, gather\n"
        "✗ GET /a  NB101, gather\n"
        "  it is new\n"
        "✗ the run\n"
        "  could not be measured\n"
        "The gate fails.\n"
    )


def test_no_name_acts_on_the_terminal():
    """An endpoint of a user's app may be called anything."""
    hostile_text = decision_text.render(
        Decision((replace(MINDED, endpoint=HOSTILE, sentence=HOSTILE),))
    )
    both = Comparison("a", "b", (Difference(HOSTILE, "gather", Change.NEW, None, hostile()),))
    for text in (hostile_text, compare_text.render(both)):
        assert "\x1b" not in text
        assert "\x07" not in text


def test_a_decision_as_json_has_all_of_it():
    """With the exit code, which follows from the reasons."""
    saved = json.loads(decision_json.render(Decision((MINDED, ABSENT), (), ("w",))))
    assert saved == {
        "exit_code": 1,
        "reasons": [
            {
                "sentence": "waits",
                "exit_code": 1,
                "endpoint": "GET /a",
                "scenario": "gather",
                "code": "NB101",
                "excuse": None,
                "line": None,
            },
            {
                "sentence": "could not be measured",
                "exit_code": 3,
                "endpoint": None,
                "scenario": None,
                "code": None,
                "excuse": None,
                "line": None,
            },
        ],
        "tolerated": [],
        "warnings": ["w"],
    }


def test_a_comparison_counts_what_is_the_same_and_tells_the_rest():
    """Worst first, and each figure with the range of its samples."""
    run = canned_run()
    fewer = replace(run, results=run.results[1:])
    text = compare_text.render(compare(fewer, run), width=120)
    assert "sleep/bad (gather)" in text
    assert "+ new" in text
    assert "hash/bad" not in text
    assert " same" in text.splitlines()[-1]
    unmeasured = [d for d in compare(run, run).differences if d.change is Change.NOT_COMPARABLE]
    assert f"? {len(unmeasured)} not-comparable" in text


def test_worse_is_told_before_better():
    """Whoever stops reading has read what matters."""
    (bad, good, *_) = canned_run().results
    both = Comparison(
        "then",
        "now",
        (
            Difference("m", "gather", Change.FIXED, bad, good),
            Difference("n", "gather", Change.NEWLY_BLOCKING, good, bad),
        ),
    )
    text = compare_text.render(both, width=120)
    assert text.startswith("then -> now\n")
    assert text.index("n (gather)") < text.index("m (gather)")
    assert "pass concurrent" in text
    assert text.splitlines()[-1] == "✗ 1 newly-blocking  ✓ 1 fixed"


def test_two_empty_runs_say_so():
    """Nothing is not the same as nothing changed."""
    assert "Neither run" in compare_text.render(Comparison("a", "b", ()))


def test_a_comparison_as_json_has_both_sides():
    """An endpoint that one side lacks is null there."""
    run = canned_run()
    fewer = replace(run, results=run.results[1:2])
    saved = json.loads(compare_json.render(compare(replace(run, results=run.results[:2]), fewer)))
    same, gone = saved["differences"]
    assert (same["change"], gone["change"], gone["head"]) == ("same", "gone", None)
    assert gone["base"]["verdict"] == "fail"
    assert same["figures"][0]["base"]["low"] <= same["figures"][0]["base"]["value"]
    assert saved["base"] == {"started_at": run.started_at}
