"""Demands, caps, queues and rare holds, as the terminal, the page and a comment show them."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from canned import canned_run
from canned_beside import LARGER, TOKEN, passing_run, queueing

from neverblock.measurement import Frame, HoldFigures
from neverblock.model import Diagnosis, Machine
from neverblock.report import create_renderer
from neverblock.report.asides import after_answer, asides
from neverblock.report.call_path import call_path
from neverblock.report.resources import OWN_TIME, cap_sentence, parts, sentence
from neverblock.report.text import render

SEEN_IN = ("text", "markdown", "html")


def of(result):
    """Give the parts of a result's wall by their names."""
    return {part.name: part for part in parts(result.measurement)}


def given(name, result):
    """Render a run of one result, its words apart by one blank."""
    run = replace(passing_run(), results=(result,))
    return " ".join(unescape(create_renderer(name)(run)).split())


def test_what_nothing_explains_is_a_part_of_the_wall():
    """Of a wall of 10 s that nothing in the process explains, most is unexplained, and sets it."""
    found = of(queueing())
    assert found["unknown"].low_s > 5
    assert found["unknown"].sets_wall == 2
    assert sentence(found["unknown"]).endswith("; sets the wall")


def test_a_bound_is_the_demand_of_all_over_the_servers():
    """Ten requests that need 600 ms of six threads take a second."""
    pool = of(queueing())["default-executor"]
    assert pool.low_s == pytest.approx(1.0)
    assert sentence(pool) == "600 ms a request, 6 servers: at least 1.00 s"


def test_what_sets_the_wall_at_one_end_only_may_set_it():
    """Where the two ends disagree, no part is named for certain."""
    result = queueing()
    m = result.measurement
    demands = {**m.demands, "gil": replace(m.demands["unknown"], low_s=0.1, high_s=1.0)}
    found = of(replace(result, measurement=replace(m, demands=demands, wall_s=8.0)))
    assert [part.sets_wall for part in found.values() if part.sets_wall] == [1, 1]


def test_a_run_without_demands_shows_none():
    """From outside, and in older runs, there is nothing to say of them."""
    measurement = passing_run().results[0].measurement
    assert parts(measurement) == []
    assert cap_sentence(measurement) == ""


def test_the_terminal_has_a_line_for_each_part_and_the_cap():
    """Whoever asks for more sees what the verdict rests on."""
    run = replace(passing_run(), results=(queueing(),))
    lines = [line.strip() for line in render(run, width=100, verbose=True).splitlines()]
    for part in parts(run.results[0].measurement):
        assert f"{part.name}: {sentence(part)}" in lines
    assert "cap: at most 1.2 requests a second, by unknown" in lines


def test_the_page_draws_each_part_and_says_the_cap():
    """A bar for each, with its figures as the text alternative."""
    page = given("html", queueing())
    assert page.count('class="demands"') == 1
    for name in (OWN_TIME, "loop-computing", "default-executor", "unknown"):
        assert f">{name}</text>" in page
    assert "at most 1.2 requests a second, by unknown" in page


@pytest.mark.parametrize("name", SEEN_IN)
def test_it_is_shown_where_requests_wait_and_what_to_change(name):
    """A queue has no line to blame, but a place where it stands."""
    shown = given(name, queueing())
    assert "9 of 10 requests wait at app/db.py:30 pool.acquire" in shown
    assert LARGER.instead in shown
    assert "max_size=20" in shown


def test_a_place_that_the_advice_names_is_named_once():
    """Twice the same sentence in one finding would look like two."""
    place = "9 of 10 requests wait at app/db.py:30 pool.acquire"
    assert asides(queueing()) == [place]
    assert asides(queueing(replace(LARGER, why=f"{place}. Enlarge it."))) == []
    said = queueing()
    named = replace(said.judgement, reason=f"requests go one by one, {place}: 10 took 9 s")
    assert asides(replace(said, judgement=named)) == []


@pytest.mark.parametrize("name", SEEN_IN)
def test_what_few_requests_held_is_said_with_its_line(name):
    """An expired token falls into the warm-up, and no median shows it."""
    shown = given(name, replace(passing_run().results[0], seldom=TOKEN))
    assert "the first request held the loop for 225 ms at app/tokens.py:38" in shown.replace(
        "The first", "the first"
    )


def test_what_was_held_after_the_answer_is_said_to_be():
    """No share of its own time can be above all of it."""
    result = passing_run().results[0]
    m = replace(result.measurement, solo_s=0.003)
    held = replace(m.loop, solo=HoldFigures(3, waiting_s=0.25))
    said = after_answer(replace(result, measurement=replace(m, loop=held)))
    assert said.startswith("of the 250 ms that one request holds the loop, at least 247 ms come")
    assert after_answer(result) == ""


def test_a_call_path_keeps_what_explains_and_counts_the_rest():
    """The project's frames, what each calls first, and the innermost: not only the ends."""
    library = [Frame("lib/api.py", n, f"step{n}", "library") for n in range(9)]
    path = [*reversed(library), Frame("app/a.py", 5, "work", "project")]
    path += [Frame("web/core.py", n, "app", "framework") for n in (3, 2, 1)]
    path += [Frame("asyncio/runners.py", 1, "run", "stdlib")]
    blame = replace(canned_run().results[0].blame[0], path=tuple(path))
    assert call_path(blame) == [
        "app/a.py:5 work",
        "lib/api.py:0 step0",
        "... 7 more ...",
        "lib/api.py:8 step8",
    ]


@pytest.mark.parametrize("owner", ["library", "stdlib"])
def test_what_is_hidden_of_others_is_counted(owner):
    """Only the frames of the framework that serves a request explain nothing."""
    path = [Frame("app/a.py", 5, "work", "project")]
    path += [Frame("lib/core.py", n, "app", owner) for n in (4, 3, 2, 1)]
    blame = replace(canned_run().results[0].blame[0], path=tuple(path), target=None)
    assert call_path(blame) == ["... 4 more ...", "app/a.py:5 work"]


def test_where_requests_wait_is_said_while_it_is_in_doubt():
    """Whoever has to decide looks there first; where nothing is unexplained, nobody queues."""
    result = queueing(None)
    doubtful = replace(result.judgement, diagnosis=Diagnosis.INCONCLUSIVE)
    assert len(asides(replace(result, judgement=doubtful))) == 1
    m = replace(result.measurement, demands={})
    assert asides(replace(result, judgement=doubtful, measurement=m)) == []


def test_a_burst_as_short_as_the_null_apps_has_no_parts():
    """Bounds of what cannot be measured would be longer than the wall."""
    m = queueing().measurement
    assert parts(replace(m, wall_s=0.006, floor_s=0.0065)) == []


@pytest.mark.parametrize(
    ("throttled_s", "said"),
    [
        (0.25, "its waits for a core unknown, its quota stopped it for 250 ms, others took 40% of"),
        (0.0, "its waits for a core unknown, others took 40% of the machine's cores"),
        (None, "its waits for a core unknown, others took 40% of the machine's cores"),
    ],
)
def test_what_a_quota_cost_stands_beside_what_others_took(throttled_s, said):
    """Others take of the machine's cores, of which a container's quota may be a small part."""
    result = queueing()
    machine = Machine(steal=0.0, busy=0.4, throttled_s=throttled_s)
    half = replace(result, measurement=replace(result.measurement, cpus=0.5, machine=machine))
    told = " ".join(render(replace(passing_run(), results=(half,)), verbose=True).split())
    assert said in told
