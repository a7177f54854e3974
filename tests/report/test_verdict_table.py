from __future__ import annotations

import re
from dataclasses import replace

import pytest
from canned import canned_run

from neverblock.analysis.urgency import WORST_FIRST
from neverblock.model import CheckState, Endpoint, Verdict
from neverblock.report.terminal import fitted, shortened
from neverblock.report.text import render
from neverblock.report.verdict_table import LEGEND, verdict_tables

LONG = "GET /organisations/{organisation_id}/subscriptions/{subscription_id}/invoices/latest"


def app_of(*names):
    """Make a run of a user's app with these endpoints, alternately passing and failing."""
    run = canned_run()
    kinds = [
        next(r for r in run.results if r.endpoint.name == f"sleep/{v}") for v in ("good", "bad")
    ]
    results = [
        replace(
            kinds[at % 2],
            endpoint=Endpoint(name, *name.split(" ", 1)),
            expected=None,
            as_expected=None,
        )
        for at, name in enumerate(names)
    ]
    return replace(run, results=tuple(results), lessons=(), unchecked=())


def table_of(text):
    """Give the lines of the table, which ends with the legend."""
    return text.partition(LEGEND)[0].splitlines()


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_name_stands_on_one_line(width):
    """Whole where there is room for it, else without its beginning, and never over two lines."""
    names = ["GET /a", LONG, "GET /users/{user_id}/posts", f"POST {'/deep' * 40}"]
    lines = render(app_of(*names), width=width).splitlines()
    assert max(map(len, lines)) <= width
    for name in names:
        shown = shortened(name, width)
        assert any(line.startswith(shown) for line in lines), shown
        assert shown == name or shown.startswith(f"{name.split()[0]} …/")


def test_a_long_name_is_broken_in_no_sentence():
    """Not in the finding's head, nor its headline, nor the last line."""
    told = render(app_of("GET /a", f"GET {'/segment' * 15}"), width=80)
    assert not re.search(r"/segm?e?n?t?$(?<!/segment)", told, re.MULTILINE)
    assert "the worst, GET …/segment" in " ".join(told.split())


def test_the_legend_of_the_checks_is_one_line_of_80_columns():
    """And nothing else is needed to read the table."""
    assert len(LEGEND) <= 80
    assert LEGEND in render(canned_run(), width=80).splitlines()


@pytest.mark.parametrize("width", [80, 140])
def test_failures_come_first_then_what_is_inconclusive_then_the_rest(width):
    """The table of a user's app is read from the top; failures come by the harm they do."""
    run = app_of(*(f"GET /{n}" for n in "abcdef"))
    results = list(run.results)
    inconclusive = next(
        r for r in canned_run().results if r.judgement.verdict is Verdict.INCONCLUSIVE
    )
    results[2] = replace(
        inconclusive, endpoint=results[2].endpoint, expected=None, as_expected=None
    )
    results[3] = replace(results[3], measurement=worse(results[3].measurement))
    shown = [
        line.split()[1]
        for line in table_of(render(replace(run, results=tuple(results)), width=width))
        if line.startswith("GET ")
    ]
    assert shown == ["/d", "/b", "/f", "/c", "/a", "/e"]
    assert WORST_FIRST[:2] == (Verdict.FAIL, Verdict.INCONCLUSIVE)


def worse(measurement):
    """Let others wait for longer."""
    return replace(measurement, canary=replace(measurement.canary, longest_s=9.0))


def test_that_the_document_check_is_blind_is_said_once_a_run():
    """In one sentence for all, and beside no result."""
    run = app_of(*(f"GET /{n}" for n in "abc"))
    blind = tuple(
        replace(
            r,
            judgement=replace(
                r.judgement, checks=replace(r.judgement.checks, document=CheckState.BLIND)
            ),
        )
        for r in run.results
    )
    told = " ".join(render(replace(run, results=blind), width=80, verbose=True).split())
    assert told.count("document check cannot fail") == 1
    assert "cannot fail for 3 of 3" in told
    assert "blind" not in told


def test_a_pass_is_one_line_of_figures_and_a_failure_all_of_them():
    """What ``-v`` adds is evidence, and most of it is about what is wrong."""
    run = app_of("GET /calm", "GET /bad")
    told, short = (render(run, width=400, verbose=v) for v in (True, False))
    assert "✓ GET /calm: waits 0 ms on the loop, computes" in told
    assert told.count("loop together:") == told.count("canary: waited") == 1
    more = len(told.splitlines()) - len(short.splitlines())
    evidence = told.count("\n  alone: ")
    assert evidence == 1
    assert "GET /calm: waits" not in short
    assert more > 2


def test_one_line_to_blame_is_shown_once():
    """A dependency that blocks in many endpoints is one finding, which names the others."""
    run = app_of(*(f"GET /{n}" for n in "abcdefgh"))
    told = render(run, width=80)
    assert told.count("called through") == 1
    assert "the same in 3 more: GET /d, GET /f, GET /h" in told
    assert "needs its own" not in told


def test_a_change_of_one_endpoint_is_not_told_as_that_of_all():
    """The line to blame is one; who has to call it otherwise are several."""
    run = app_of(*(f"GET /{n}" for n in "abcd"))
    last = run.results[-1]
    (place, *_) = last.blame
    other = replace(place, advice=replace(place.advice, diff="--- a/other.py"))
    told = render(
        replace(run, results=(*run.results[:-1], replace(last, blame=(other,)))), width=80
    )
    assert "the same in 1 more" in told
    assert "the change below is for this endpoint; each of the others needs its own" in told


def test_a_word_that_fits_is_left_alone():
    """Only what is wider than the terminal loses its beginning."""
    assert fitted("short /a/b words", 10) == "short /a/b words"
    assert fitted(f"see {'/ab' * 9} now", 10) == "see …/ab/ab/ab now"


def test_nothing_measured_has_no_legend():
    """What explains the signs of a table stands beneath one, and alone says nothing."""
    assert list(verdict_tables(replace(canned_run(), results=()), 80)) == []
