"""Long names on the page: never broken in the middle, and never wider than the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from canned import canned_run
from windows import Window

from neverblock.gate.compare import compare
from neverblock.report import compare_html, html

LONG = "GET /api/v1/organizations/{organization_identifier}/members/{member}/effective-permissions"
WORD = f"GET /{'exceedingly' * 12}"


def renamed(run):
    """Give a run of two endpoints of a user's, whose names are long."""
    endpoints = {"sleep/bad": LONG, "sleep/good": WORD}
    results = tuple(
        replace(
            result,
            endpoint=replace(result.endpoint, name=name, pair=None, variant=None),
            expected=None,
        )
        for result in run.results
        if (name := endpoints.get(result.endpoint.name))
    )
    return replace(run, results=results, lessons=())


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """Give windows on the page of such a run, and on that of a comparison."""
    run = renamed(canned_run())
    swapped = tuple(
        replace(result, judgement=other.judgement)
        for result, other in zip(run.results, reversed(run.results), strict=True)
    )
    pages = {
        "run": html.render(run),
        "compare": compare_html.render(compare(run, replace(run, results=swapped))),
    }
    windows = []
    for name, text in pages.items():
        path = tmp_path_factory.mktemp(name) / "index.html"
        path.write_text(text, encoding="utf-8")
        windows.append(Window(browser))
        windows[-1].visit(path)
        windows[-1].unfold()
    yield windows
    for each in windows:
        each.context.close()


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_a_long_name_stands_on_one_line_and_is_told_whole(opened, width):
    """It loses its beginning where there is no room, and the page does not scroll sideways."""
    for each in opened:
        each.resize(width, 900)
        assert each.page.evaluate("document.documentElement.scrollWidth") <= width
        names = each.page.locator(".name:visible")
        assert names.count() >= 4
        for name in names.all():
            letters = name.evaluate(
                "e => e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).fontSize)"
            )
            assert letters < 2
            assert name.get_attribute("title") in name.inner_text()


def test_the_answer_names_an_endpoint_as_a_name(opened):
    """In the heading of the page as in its tables, and with the mark that follows it."""
    heading = opened[0].page.locator("h1 .name")
    assert heading.get_attribute("title") == LONG
    assert heading.inner_text() == f"{LONG},"
