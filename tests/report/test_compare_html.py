from __future__ import annotations

import re
from dataclasses import replace

from canned import HOSTILE, canned_run

from neverblock.gate.compare import compare
from neverblock.report.compare_html import render


def fixed():
    """Give the canned run with `sleep/bad` fixed."""
    run = canned_run()
    bad, good = run.results[:2]
    return replace(
        run,
        started_at="2026-01-31T12:00:00Z",
        results=(
            replace(bad, judgement=good.judgement, measurement=good.measurement, blame=()),
            *run.results[1:],
        ),
    )


def test_what_got_worse_is_the_answer():
    """A newly blocking endpoint stands in the first sentence, with both charts and its blame."""
    page = render(compare(fixed(), canned_run()))
    assert "1 newly-blocking" in page
    assert page.index("newly-blocking") < page.index("What became of each endpoint")
    assert 'aria-label="sleep/bad under gather, before.' in page
    assert 'aria-label="sleep/bad under gather, now.' in page
    assert "What holds the loop now" in page
    assert "<mark>time.sleep</mark>" in page


def test_what_is_fixed_is_counted():
    """Where nothing got worse, the first sentence says so."""
    page = render(compare(canned_run(), fixed()))
    assert re.search(r"Nothing got worse in \d+ results, and 1 of them fixed", page)


def test_runs_that_are_alike_have_nothing_to_show():
    """The same run twice: figures in a table, no charts of requests."""
    judged = replace(canned_run(), results=canned_run().results[:5])
    page = render(compare(judged, judged))
    assert "Nothing got worse in 5 results." in page
    assert "before, 10% (" in page
    assert "What changed, one by one" not in page


def test_hostile_names_are_shown_as_text():
    """Endpoints and reasons are escaped here as well."""
    page = render(compare(canned_run(), replace(canned_run(), results=canned_run().results[:3])))
    assert HOSTILE not in page
    assert page.lower().count("<script") == 1
