from __future__ import annotations

from dataclasses import replace

from canned import canned_run

from neverblock.model import Endpoint
from neverblock.report.html import render as page
from neverblock.report.text import render
from neverblock.result import Unchecked

ENTRY = '[[tool.neverblock.endpoint]]\nname = "GET /things{n}/{{id}}"\npath = {{id = "..."}}'


def large():
    """Make the run of an app of 349 endpoints: 252 refuse made-up ids, 80 fail by one line."""
    run = canned_run()
    bad, good = (
        next(r for r in run.results if r.endpoint.name == f"sleep/{v}") for v in ("bad", "good")
    )
    results = tuple(
        replace(
            bad if n < 80 else good,
            endpoint=Endpoint(f"GET /p{n}", "GET", f"/p{n}"),
            expected=None,
            as_expected=None,
        )
        for n in range(97)
    )
    refused = tuple(
        Unchecked(
            "GET",
            f"/things{n}/{{id}}",
            "answers 500 to made-up values; give real ones; add\n"
            f"# /things{n}/1: KeyError: '1'\n{ENTRY.format(n=n)}\n",
        )
        for n in range(252)
    )
    return replace(run, results=results, unchecked=refused, lessons=())


def test_a_large_app_is_read_in_a_few_screens():
    """A line of the table for each that was measured, one finding, one paragraph of refusals."""
    lines = render(large(), width=80).splitlines()
    assert len(lines) < 97 + 70
    assert sum("not checked:" in line for line in lines) == 1
    assert sum("called through" in line for line in lines) == 1
    assert any('path = {id = "..."}' in line for line in lines)


def test_the_page_of_a_large_app_has_one_paragraph_of_refusals_too():
    """Each endpoint is named in it, and the lines of configuration stand there once."""
    told = page(large())
    assert told.count("answers 500 to made-up values") == 1
    assert "252 endpoints" in told
    assert "/things251/{id}" in told
    assert told.count("path = {id") == 1
