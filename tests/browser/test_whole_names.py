"""Long names on the page: whole, broken at slashes, and never wider than the page."""

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
def test_a_long_name_stands_whole(opened, width):
    """Nothing of it is cut, its method above all, and the page does not scroll sideways."""
    for each in opened:
        each.resize(width, 900)
        assert each.page.evaluate("document.documentElement.scrollWidth") <= width
        names = each.page.locator(".name:visible")
        assert names.count() >= 4
        for name in names.all():
            box = name.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
    page = opened[0].page
    assert {LONG, WORD} <= set(page.locator(".results .name:visible").all_inner_texts())


def test_a_name_goes_on_at_a_slash(opened):
    """Where a line has no room for it, the next begins with the slash of the next part."""
    opened[0].resize(360, 900)
    name = opened[0].page.locator(".results .name", has_text=LONG).first
    lines = name.evaluate(
        """e => {
          const walker = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
          const found = new Map();
          for (let node = walker.nextNode(); node; node = walker.nextNode())
            for (let at = 0; at < node.length; at++) {
              const range = document.createRange();
              range.setStart(node, at); range.setEnd(node, at + 1);
              const top = range.getBoundingClientRect().top;
              found.set(top, (found.get(top) ?? "") + node.data[at]);
            }
          return [...found.values()];
        }"""
    )
    assert len(lines) > 1
    assert lines[0].startswith("GET /api")
    assert all(line.startswith("/") for line in lines[1:])


def test_the_answer_names_an_endpoint_as_a_name(opened):
    """In the heading of the page as in its tables, and with the mark that follows it."""
    assert opened[0].page.locator("h1 .name").inner_text() == f"{LONG},"
