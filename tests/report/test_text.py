from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import canonicalize

import pytest
from canned import HOSTILE, canned_run

from neverblock.errors import UsageError
from neverblock.model import Diagnosis, Verdict
from neverblock.report import RENDERERS, create_renderer
from neverblock.report.text import render, render_finding

GOLDEN = Path(__file__).with_name("golden")
SHORT = {"json": slice(3, 4), "sarif": slice(0, 4)}
"""Which results tell enough of a format that tells at length."""


def result(run, name):
    """Give the first result of that name."""
    return next(r for r in run.results if r.endpoint.name == name)


@pytest.mark.parametrize("name", sorted(RENDERERS.keys() - {"html"}))
def test_a_format_is_as_its_golden_file_has_it(name):
    """A change of a format shows as a change of its golden file: delete that, and run this."""
    run = canned_run()
    results = run.results[SHORT.get(name, slice(None))]
    given = create_renderer(name)(replace(run, results=results))
    golden = GOLDEN / f"run.{name}"
    if not golden.exists():
        golden.write_text(given, "utf-8")
        pytest.fail(f"{golden} was missing; it is written now: read it, then commit it")
    expected = golden.read_text("utf-8")
    if name == "junit" and sys.version_info >= (3, 13):  # minidom escapes no quotes in text there
        given, expected = canonicalize(given), canonicalize(expected)
    assert given == expected


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width):
    """The table folds into what there is, down to a narrow pane."""
    assert max(map(len, render(canned_run(), width=width).splitlines())) <= width


def test_a_finding_underlines_the_blamed_expression():
    """The carets stand beneath the call and nowhere else."""
    lines = render_finding(result(canned_run(), "sleep/bad")).splitlines()
    at = next(i for i, line in enumerate(lines) if line.lstrip().startswith("> 21"))
    carets = lines[at + 1]
    marked = "".join(c for c, mark in zip(lines[at], carets, strict=False) if mark == "^")
    assert marked == "time.sleep"


def test_a_finding_shows_all_that_it_takes_to_fix_it():
    """Sentence, place, call path, advice and waterfall are all there."""
    told = render_finding(result(canned_run(), "hash/bad"))
    for part in ("computes on the event loop", "hash.py:30", "called through", "run_in_threadpool"):
        assert part in told
    assert told.count("░█") == 9


def test_a_place_is_headed_by_line_function_and_call():
    """As in the gate and in Markdown; the endpoint stands above it, whatever the width."""
    told = render_finding(result(canned_run(), "sleep/bad"), width=140)
    assert "\n  target_app/pairs/sleep.py:21 bad -> time.sleep\n  held the loop" in told


def test_a_staircase_and_a_wall_of_bars_look_different():
    """Requests that wait for others show pale bars; requests side by side hardly any."""
    run = canned_run()
    bad, good = (render_finding(result(run, name)) for name in ("sleep/bad", "sleep/good"))
    assert "░░░░░█" in bad
    assert bad.count("░") > 20 * good.count("░")


@pytest.mark.parametrize("colour", [False, True])
def test_what_a_target_names_cannot_reach_the_terminal(colour):
    """Escape sequences of a hostile name are spelled out; colours are ours alone."""
    told = render(canned_run(), colour=colour)
    assert HOSTILE not in told
    assert "\x07" not in told
    assert ("\x1b[" in told) is colour
    assert r"\x1b[31m" in told


def test_advice_is_broken_where_code_may_be():
    """Not within a word: the call goes on in the next line, deeper."""
    failed = result(canned_run(), "sleep/bad")
    code = "asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=10))"
    (place, *_) = failed.blame
    advised = replace(place, advice=replace(place.advice, code=code))
    said = render_finding(replace(failed, blame=(advised,)), width=80, colour=False)
    assert "set_default_executor(ThreadPoolExecutor(\n        max_workers=10))\n" in said


def test_a_line_with_two_calls_is_shown_once():
    """Both calls are named with their times; the source and the advice stand once."""
    blamed = result(canned_run(), "sleep/bad")
    (place, *_) = blamed.blame
    twice = (place, replace(place, target="other.call", held_s=place.held_s / 2))
    once = render_finding(replace(blamed, blame=(place,)), width=100, colour=False)
    said = render_finding(replace(blamed, blame=twice), width=100, colour=False)
    assert said.count("held the loop") == 2 * once.count("held the loop")
    assert said.count(place.source[0]) == once.count(place.source[0])
    assert said.count("called through") == once.count("called through")


def test_a_comment_in_configuration_stays_one():
    """Where it is too long for the terminal, each of its lines can still be copied."""
    refused = result(canned_run(), "sleep/bad")
    reason = f"answers 404; add\n# /x ({'a word ' * 30})\n[[tool.neverblock.endpoint]]"
    judged = replace(refused.judgement, reason=reason)
    said = render_finding(replace(refused, judgement=judged, blame=()), width=60, colour=False)
    assert [line for line in said.splitlines() if "a word" in line and "# " not in line] == []


def test_an_unexpected_result_is_marked_and_explained():
    """A bad endpoint that passes is the harness's failure, and the last lines say so."""
    run = canned_run()
    bad = result(run, "sleep/bad")
    passed = replace(bad.judgement, verdict=Verdict.PASS, diagnosis=Diagnosis.CONCURRENT)
    told = render(replace(run, results=(replace(bad, judgement=passed, as_expected=False),)))
    assert "≠ expected: fail, blocking-io" in told
    assert "1 of 1 results are not as expected: sleep/bad (gather)" in told


def test_an_app_of_ones_own_is_summed_up_by_its_worst_endpoint():
    """Without expectations the answer counts failures and names the most harmful."""
    run = canned_run()
    own = tuple(
        replace(result(run, name), expected=None, as_expected=None)
        for name in ("sleep/bad", "hash/bad", "sleep/good", "mysql/bad", "image/good")
    )
    told = render(replace(run, results=own), width=200)
    assert "2 of 4 endpoints fail: the worst, hash/bad, lets others wait 2.15 s." in told
    assert "1 could not be measured." in told


def test_a_run_that_measured_nothing_does_not_look_well():
    """No results, or skipped ones alone, are no success."""
    run = canned_run()
    for results in ((), (result(run, "mysql/bad"),)):
        assert "Nothing was measured." in render(replace(run, results=results))
        early = render(replace(run, results=results, interrupted=True))
        assert "Interrupted before anything was measured." in early


def test_an_interrupted_run_says_so():
    """A partial report is not taken for a whole one."""
    assert "Interrupted" in render(replace(canned_run(), interrupted=True))


def test_a_control_that_was_not_seen_is_told():
    """Where the probe missed its own block no verdict counts."""
    run = canned_run()
    unseen = replace(run.control, seen=False, complaint="nothing was seen of it")
    assert "no verdict counts" in render(replace(run, control=unseen))


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
@pytest.mark.parametrize(
    ("here", "said"),
    [({"tier": "portable"}, "portable tier:"), ({"gil": "none"}, "no GIL:")],
    ids=["the portable tier", "no GIL"],
)
def test_what_cannot_be_told_here_is_said_once(name, here, said):
    """It is of the whole run, so that no result repeats it; a run by the whole probe has none."""
    run = canned_run()
    there = replace(run, environment={**run.environment, **here})
    rendered = [create_renderer(name)(each) for each in (run, there)]
    assert [page.count(said) for page in rendered] == [0, 1]


def test_an_unknown_format_is_refused_with_the_known_ones():
    """The error says what can be chosen."""
    with pytest.raises(UsageError) as caught:
        create_renderer("pdf")
    assert all(name in caught.value.hint for name in RENDERERS)


def test_what_passes_with_a_note_has_its_note():
    """The summary counts it, and the text says why others wait and for how long."""
    passing = next(r for r in canned_run().results if r.judgement.verdict is Verdict.PASS)
    contended = replace(
        passing.judgement,
        diagnosis=Diagnosis.GIL_CONTENTION,
        reason="computes 160 ms a request in threads; every other request waited up to 986 ms",
    )
    endpoint = replace(passing.endpoint, name="GET /daily", pair=None, variant=None)
    result = replace(passing, endpoint=endpoint, judgement=contended, expected=None)
    said = " ".join(render(replace(canned_run(), results=(result,)), width=200).split())
    assert "note: GET /daily NB301 gil-contention: computes 160 ms a request in threads" in said
    assert "waited up to 986 ms" in said
