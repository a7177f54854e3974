from __future__ import annotations

from dataclasses import replace

import pytest
from canned import HOSTILE, canned_run

from neverblock.analysis.codes import CODES, short_page
from neverblock.model import Diagnosis, Endpoint
from neverblock.report.agent import MOST_LINES, causes, render

DIFF = """\
--- a/shop/main.py
+++ b/shop/main.py
@@ -4,3 +4,3 @@
 @app.get("/")
-async def f():
+def f():
     x()"""


def failing(count, *, lines=None):
    """Make a run of a user's app with so many failing endpoints, blamed on so many lines."""
    run = canned_run()
    bad = next(r for r in run.results if r.endpoint.name == "sleep/bad")
    results = []
    for n in range(count):
        line = 21 + n % (lines or count)
        advice = replace(bad.blame[0].advice, diff=DIFF)
        place = replace(bad.blame[0], file="shop/main.py", line=line, advice=advice, path=())
        canary = replace(bad.measurement.canary, longest_s=100.0 - n)
        results.append(
            replace(
                bad,
                endpoint=Endpoint(f"GET /p{n}", "GET", f"/p{n}"),
                measurement=replace(bad.measurement, canary=canary),
                blame=(place,),
                expected=None,
                as_expected=None,
            )
        )
    return replace(run, target="shop.main:app", results=tuple(results), lessons=(), environment={})


def test_a_cause_is_told_once_with_all_that_it_takes_to_fix_it():
    """Code, place, call, what it did, the diff, and the command that checks just this again."""
    told = render(failing(5, lines=1))
    assert told.count("NB101 blocking-io shop/main.py:21 time.sleep in GET /p0, GET /p1") == 1
    assert "and" not in told.splitlines()[1]
    assert "2 more" in told
    assert DIFF in told
    assert "check again: neverblock check shop.main:app -e 'GET /p0'" in told


@pytest.mark.parametrize("count", [1, 3, 20, 60, 400])
def test_it_is_short_however_many_there_are(count):
    """The worst in full, a line for each of the others, and at last how many more there are."""
    lines = render(failing(count)).splitlines()
    assert len(lines) <= MOST_LINES
    heads = [line for line in lines if line.startswith("NB101")]
    assert heads[0].endswith("in GET /p0")
    if count <= 20:
        assert len(heads) == count
    else:
        assert lines[-1] == f"{count - len(heads)} more causes: fix these first, then check again."


def test_the_worst_comes_first_and_the_order_is_the_runs_own():
    """The same run gives the same text, whatever the order of its results."""
    run = failing(6)
    assert render(run) == render(replace(run, results=run.results[::-1]))


def test_what_a_pass_does_not_cover_is_a_line_each():
    """Others wait though it passes, or it says little; within the lines that causes leave."""
    run = failing(1)
    calm = next(r for r in canned_run().results if r.endpoint.name == "sleep/good")
    computing = replace(
        calm,
        endpoint=Endpoint("GET /hash", "GET", "/hash"),
        judgement=replace(calm.judgement, diagnosis=Diagnosis.GIL_CONTENTION, reason="computes"),
    )
    empty = replace(
        calm, endpoint=Endpoint("GET /none", "GET", "/none"), made_up=("id",), empty=True
    )
    told = render(replace(run, results=(*run.results, computing, empty))).splitlines()
    assert told[-2:] == [
        "says little GET /none: passes on made-up values, with an empty answer",
        "note NB301 gil-contention in GET /hash: computes",
    ]
    many = render(replace(run, results=(*run.results, *[computing] * 60))).splitlines()
    assert len(many) == MOST_LINES
    left = 60 - sum(line.startswith("note ") for line in many)
    assert many[-1] == f"{left} more notes of passes: neverblock report has them."


def test_files_are_named_from_where_it_ran():
    """Where it ran, wherever in the repository that is: there a command and a diff are at home."""
    environment = {"work_dir": "work", "app_dir": "services/shop", "options": "--factory"}
    run = replace(failing(1), environment=environment)
    told = render(run)
    assert "--- a/services/shop/shop/main.py" in told
    assert "--app-dir services/shop --factory -e" in told


def test_an_app_at_the_top_has_its_files_as_they_are():
    """Git takes no path that begins with a dot."""
    told = render(replace(failing(1), environment={"app_dir": "."}))
    assert "--- a/shop/main.py" in told
    assert "--app-dir" not in told


def test_neither_colour_nor_what_a_target_names_gets_through():
    """Control characters are spelled out, and no name begins a line of its own."""
    told = render(canned_run())
    assert "\x1b" not in told
    assert "\x07" not in told
    assert HOSTILE not in told
    assert causes(canned_run())


def test_a_run_without_a_finding_is_its_answer():
    """One line, and nothing to do."""
    run = canned_run()
    good = next(r for r in run.results if r.endpoint.name == "sleep/good")
    calm = replace(run, results=(replace(good, expected=None, as_expected=None),), lessons=())
    assert render(calm) == "1 of 1 endpoints keep the event loop free.\n"


@pytest.mark.parametrize("code", CODES, ids=str)
def test_a_codes_page_for_an_agent_says_what_to_do(code):
    """What it means, the good example and how to fix it; not how it was measured."""
    told = short_page(code)
    assert told.startswith(f"{code}: {code.title}\n")
    assert "How to fix it" in told
    assert "How it was seen" not in told
