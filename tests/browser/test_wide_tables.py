from __future__ import annotations

from dataclasses import replace

import pytest
from axe import serious
from canned import canned_run
from windows import Window

from neverblock.gate.compare import compare
from neverblock.report import compare_html
from neverblock.report.history import render
from neverblock.storage.history import trends


@pytest.fixture(scope="module")
def listing(browser, tmp_path_factory):
    """Give a window on the list of two runs, whose names try to get out of their places."""
    runs = {"new": canned_run(), "old": replace(canned_run(), started_at="2025-01-01T00:00:00Z")}
    path = tmp_path_factory.mktemp("listing") / "index.html"
    path.write_text(render(runs, trends(runs.items()), "reports"), encoding="utf-8")
    opened = Window(browser)
    opened.visit(path)
    yield opened
    opened.context.close()


def test_the_list_of_runs_complains_about_nothing(listing):
    """It asks for nothing, breaks no rule of its own, and runs no name of a target."""
    assert listing.complaints == []
    assert listing.requests == [listing.page.url]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_list_of_runs_is_accessible(listing, theme):
    """axe-core finds nothing serious in it."""
    listing.page.emulate_media(color_scheme=theme)
    assert serious(listing.page) == []


def test_the_list_of_runs_fits_a_narrow_window(listing):
    """It does not scroll sideways at 360 px."""
    listing.resize(360, 800)
    assert listing.page.evaluate("document.documentElement.scrollWidth") <= 360


HIDDEN = """() => [...document.querySelectorAll("table.stacked")].filter(
    (table) => table.parentElement.scrollWidth > table.parentElement.clientWidth).length"""


@pytest.mark.parametrize("width", [1200, 390])
def test_no_column_of_a_table_is_pushed_out_of_sight(listing, tmp_path, width):
    """Whatever an endpoint is called: its figures stand beside the name, or beneath it."""
    page = tmp_path / "compare.html"
    page.write_text(compare_html.render(compare(canned_run(), canned_run())), encoding="utf-8")
    listing.resize(width)
    assert listing.page.locator("table.stacked").count() == 1
    assert listing.page.evaluate(HIDDEN) == 0
    beside = listing.page.context.new_page()
    beside.set_viewport_size({"width": width, "height": 900})
    beside.goto(page.as_uri())
    assert beside.locator("table.stacked").count() == 1
    assert beside.evaluate(HIDDEN) == 0
    beside.close()
