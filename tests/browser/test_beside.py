"""Demands, queues and background work on the page, in a browser: wide and narrow, both themes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe import serious
from canned_beside import SWEEP, TOKEN, passing_run, queueing
from windows import Window

from neverblock.report.html import render


@pytest.fixture(scope="module")
def beside(browser, tmp_path_factory):
    """Give a window on a run with a queue, a rare hold, and work that no request runs."""
    run = passing_run(SWEEP)
    rare = replace(run.results[0], seldom=TOKEN)
    slow = queueing()
    slow = replace(slow, endpoint=replace(slow.endpoint, name="GET /slow", path="/slow"))
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(render(replace(run, results=(slow, rare))), encoding="utf-8")
    opened = Window(browser)
    opened.visit(path)
    yield opened
    opened.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_all_of_it_is_there_and_fits(beside, theme, width):
    """Nothing is cut off or complained about, and a screen reader has all of it."""
    page = beside.page
    page.emulate_media(color_scheme=theme)
    beside.resize(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#background ~ .card.background").is_visible()
    chart = page.locator(".demands svg")
    assert "unknown: " in chart.get_attribute("aria-label")
    labels = chart.locator("text").all()
    card = page.locator(".card", has=page.locator(".demands")).bounding_box()
    for box in (label.bounding_box() for label in labels):
        assert card["x"] <= box["x"]
        assert box["x"] + box["width"] <= card["x"] + card["width"]
    assert serious(page) == []
    assert beside.complaints == []


def test_what_nothing_explains_has_a_colour_of_its_own(beside):
    """It is told apart from every resource, in the chart and in its key."""
    page = beside.page
    fills = page.locator(".demands svg path").evaluate_all(
        "all => all.map((each) => getComputedStyle(each).fill)"
    )
    unsure = page.locator(".k-unsure").evaluate("each => getComputedStyle(each).backgroundColor")
    assert unsure in fills
    others = page.locator(".keys i:not(.k-unsure)").evaluate_all(
        "all => all.map((each) => getComputedStyle(each).backgroundColor)"
    )
    assert unsure not in others
