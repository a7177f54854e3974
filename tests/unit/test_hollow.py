"""Results in; what they cover, and whether they say little, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import record
from canned import canned_run

from neverblock.analysis.hollow import covering, hollow_note
from neverblock.analysis.rejudge import rejudge
from neverblock.model import Request, Verdict
from neverblock.plan import Subject
from neverblock.report.text import render
from neverblock.storage.run_file import from_json, to_json

ENTRY = '[[tool.neverblock.endpoint]]\nname = "GET /{tenant}/rows"\npath = {tenant = "..."}'
EMPTY, FULL = record(0, 0.0, 1.0, empty=True), record(0, 0.0, 1.0)


def covered(verdict=Verdict.PASS, made_up=("tenant",), solo=EMPTY, burst=EMPTY):
    """Give a result with this verdict, of such a request and such answers."""
    result = next(r for r in canned_run().results if r.judgement.verdict is verdict)
    subject = Subject(result.endpoint, Request("GET", "/1/rows"), made_up=made_up, entry=ENTRY)
    return covering(replace(result, records=(burst, burst)), subject, (solo,))


def test_a_pass_on_made_up_values_and_empty_answers_says_little():
    """It says so, and with which lines of configuration it would say more; it stays a pass."""
    result = covered()
    assert result.hollow
    assert (result.made_up, result.empty) == (("tenant",), True)
    assert result.judgement.verdict is Verdict.PASS
    sentence, _, lines = hollow_note(result).partition("\n")
    assert "tenant" in sentence
    assert lines == ENTRY


@pytest.mark.parametrize(
    ("change", "empty"),
    [
        ({"made_up": ()}, True),
        ({"solo": FULL}, False),
        ({"burst": FULL}, False),
        ({"verdict": Verdict.FAIL}, True),
    ],
)
def test_any_other_result_says_what_it_says(change, empty):
    """Given values, a single answer that holds something, or a failure are no reason to doubt."""
    result = covered(**change)
    assert (result.hollow, result.empty) == (False, empty)
    assert hollow_note(result) is None
    assert not any(ENTRY in note for note in result.judgement.notes)


def test_a_hollow_pass_stays_one_when_it_is_saved_or_judged_again():
    """Both what it covers and the lines of configuration are kept."""
    run = replace(canned_run(), results=(covered(),))
    [saved] = from_json(to_json(run)).results
    assert saved == run.results[0]
    [again] = rejudge(run, run.criterion).results
    assert hollow_note(again) == hollow_note(run.results[0])


def test_the_terminal_counts_hollow_passes_and_shows_the_lines():
    """Only where there are some."""
    run = canned_run()
    passes = sum(r.judgement.verdict is Verdict.PASS for r in run.results)
    hollow = render(replace(run, results=(*run.results, covered(), covered())), width=120)
    assert f"2 of {passes + 2} passes are of made-up values" in hollow
    assert 'path = {tenant = "..."}' in hollow
    assert "made-up values" not in render(run, width=120)
