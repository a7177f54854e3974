"""Suspects and coverage in every format: their states, their reasons, and nothing that acts."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape

import pytest
from canned import canned_run

from neverblock.report import create_renderer
from neverblock.report.agent import MOST_LINES
from neverblock.report.text import render as as_text
from neverblock.result.suspects import Coverage, Route, SuspectResult, SuspectState
from neverblock.storage.run_file import from_json, to_json

ENTRY = '[[tool.neverblock.endpoint]]\nname = "POST /orders"'


def suspect(state, **more):
    """Give a suspect in some state."""
    base = SuspectResult("shop.py", 12, "ASYNC251", "no time.sleep", "ruff", "GET /a", state)
    return replace(base, **more)


SUSPECTS = (
    suspect(SuspectState.CONFIRMED, code="NB101", why="held the loop for 60 ms", longest_s=0.06),
    suspect(SuspectState.HARMLESS, runs=13, why="ran 13 times, each time under 2 ms"),
    suspect(SuspectState.NOT_REACHED, runs=0, why="its request took another way"),
    suspect(SuspectState.NOT_ASKED, runs=0, why=f"POST may change data; add\n{ENTRY}"),
    suspect(SuspectState.NOT_KNOWN, why="which route reaches it is not known", endpoint=None),
)
ROUTES = (Route("GET /a", asked=True, made_up=True), Route("POST /orders", asked=False, why="POST"))
COVERAGE = Coverage(2, 1, 1, 0, 0.5, ROUTES, required=0.8)
RUN = replace(canned_run(), suspects=SUSPECTS, coverage=COVERAGE)
STATES = ("confirmed", "harmless as measured", "not reached", "not asked", "not known")


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_every_state_is_shown_with_its_reason(name):
    """In words, with the finding's code and the figures."""
    page = unescape(create_renderer(name)(RUN))
    for text in (*STATES, "NB101: held the loop for 60 ms", "ran 13 times", "1 of 2 routes"):
        assert text.lower() in page.lower(), text
    *_, nobody = page.rpartition("easured, and not suspected")
    assert "pairs/hash.py:30 chain" in nobody


def test_the_page_lists_the_routes_with_their_state():
    """Also those that were not asked, with the reason."""
    page = create_renderer("html")(RUN)
    for route, state in (("GET /a", "asked, made-up values"), ("POST /orders", "not asked: POST")):
        _, _, rest = page.partition('<ul class="routes">')[2].partition(f">{route}<")
        assert state in rest.partition("</li>")[0]


def test_routes_with_made_up_values_only_are_named():
    """On the page for whoever reads on, in the terminal for whoever asks for more."""
    page = create_renderer("html")(RUN).partition('id="routes"')[2]
    named = page.partition("With made-up values only: ")[2].partition("</p>")[0]
    assert ">GET /a<" in named
    assert "POST" not in named
    said = "with made-up values only: GET /a"
    assert said in as_text(RUN, width=200, verbose=True)
    assert said not in as_text(RUN, width=200)


def test_the_coverage_line_says_how_to_see_the_names():
    """Only where names are left out: not beside them, and not where there are none."""
    empty = replace(ROUTES[0], made_up=False, empty=True)
    answered = replace(RUN, coverage=replace(COVERAGE, made_up=0, empty=1, by_route=(empty,)))
    hint, named = "(-v names them)", "answered empty: GET /a"
    for run in (RUN, answered):
        assert hint in as_text(run, width=200)
        assert hint not in as_text(run, width=200, verbose=True)
    assert named in as_text(answered, width=200, verbose=True)
    assert named not in as_text(RUN, width=200, verbose=True)
    whole = replace(COVERAGE, made_up=0, by_route=ROUTES[1:])
    assert hint not in as_text(replace(RUN, coverage=whole), width=200)


def test_the_terminal_shows_them_with_the_lines_to_copy():
    """As it does for what was not checked."""
    page = as_text(RUN, width=200)
    for text in (*STATES, "5 suspects: 1 confirmed", *ENTRY.splitlines(), "50 %", "are required"):
        assert text in page, text


def test_an_agent_gets_a_line_for_each_that_is_no_cause_yet():
    """With the file as the repository knows it, and what to configure; too many are counted."""
    run = replace(RUN, environment={"app_dir": "services/shop"})
    told = create_renderer("agent")(run).splitlines()
    *lines, counted = told[-6:]
    of_all = " suspect services/shop/shop.py:12 ruff ASYNC251"
    states = [line.partition(of_all)[0] for line in lines]
    assert states == ["confirmed", "not-reached", "not-asked", "not-known", "harmless"]
    assert "in GET /a: NB101: held the loop for 60 ms" in lines[0]
    assert lines[2].endswith('[[tool.neverblock.endpoint]] name = "POST /orders"')
    assert "in GET /a: ran 13 times" in lines[4]
    assert counted.startswith("5 suspects: 1 confirmed")
    many = [suspect(SuspectState.CONFIRMED, line=line) for line in range(100)]
    told = create_renderer("agent")(replace(run, suspects=tuple(many))).splitlines()
    assert len(told) <= MOST_LINES
    assert told[-1] == "100 suspects: 100 confirmed"
    place = next(r for r in run.results if r.blame).blame[0]
    known = suspect(SuspectState.CONFIRMED, file=place.file, line=place.line, code="NB101")
    told = create_renderer("agent")(replace(run, suspects=(known,)))
    assert "confirmed suspect" not in told
    assert told.endswith("1 suspect: 1 confirmed\n")


def test_sarif_has_them_as_properties():
    """They are no results of this tool: a viewer would raise an alert for each."""
    (saved,) = json.loads(create_renderer("sarif")(RUN))["runs"]
    (before,) = json.loads(create_renderer("sarif")(canned_run()))["runs"]
    assert [each["state"] for each in saved["properties"]["suspects"]] == [
        s.state for s in SUSPECTS
    ]
    assert saved["properties"]["suspects"][3]["configuration"] == ENTRY.splitlines()
    assert any("pairs/hash.py:30 chain" in line for line in saved["properties"]["unsuspected"])
    assert saved["properties"]["coverage"]["share"] == 0.5
    assert saved["results"] == before["results"]


def test_what_falls_short_is_said_first():
    """The answer, which every format begins with, says that too few routes were asked."""
    for name in ("markdown", "html", "junit", "github"):
        assert "1 of 2 routes asked" in create_renderer(name)(RUN).replace("%25", "%"), name
    enough = replace(RUN, coverage=replace(COVERAGE, required=0.5))
    assert "Too few routes" not in as_text(enough)


def test_a_run_without_an_analysis_speaks_of_none():
    """Neither states nor a list of what nobody suspected."""
    for name in ("agent", "markdown", "html"):
        assert "uspect" not in create_renderer(name)(canned_run()), name
    assert "uspect" not in as_text(canned_run())


def test_an_analysis_that_suspects_nothing_still_has_its_other_half():
    """What was measured and not suspected is listed."""
    page = as_text(replace(canned_run(), suspects=()), width=200)
    assert "the analysis suspects nothing" in page
    assert "measured, and not suspected" in page


def test_they_are_saved_and_read_again():
    """The same run, with all that they hold; a run from before has neither."""
    saved = json.loads(json.dumps(to_json(RUN)))
    assert from_json(saved) == RUN
    for name in ("suspects", "coverage"):
        del saved[name]
    assert (from_json(saved).suspects, from_json(saved).coverage) == (None, None)
