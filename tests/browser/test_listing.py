from __future__ import annotations

from dataclasses import replace

import pytest
from axe import serious
from canned import canned_run

from neverblock.report.history import render
from neverblock.storage.history import trends


@pytest.fixture(scope="module")
def listing(tmp_path_factory):
    """Give the list of two runs, whose names try to get out of their places."""
    runs = {"new": canned_run(), "old": replace(canned_run(), started_at="2025-01-01T00:00:00Z")}
    path = tmp_path_factory.mktemp("listing") / "index.html"
    path.write_text(render(runs, trends(runs.items()), "reports"), encoding="utf-8")
    return path


def test_the_list_of_runs_complains_about_nothing(window, listing):
    """It asks for nothing, breaks no rule of its own, and runs no name of a target."""
    opened = window()
    opened.visit(listing)
    assert opened.complaints == []
    assert opened.requests == [listing.as_uri()]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_list_of_runs_is_accessible(window, listing, theme):
    """axe-core finds nothing serious in it."""
    assert serious(window(color_scheme=theme).visit(listing)) == []


def test_the_list_of_runs_fits_a_narrow_window(window, listing):
    """It does not scroll sideways at 360 px."""
    page = window().visit(listing)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
