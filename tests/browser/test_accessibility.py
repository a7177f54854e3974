from __future__ import annotations

from itertools import pairwise

import pytest
from axe import serious
from colours import SIGHTS, contrast, distance
from windows import Window

TEXT = ("ink", "soft", "link", "pass", "fail", "unsure")
SHAPES = ("own", "wait", "fail", "pass", "compute", "gil", "machine", "unsure", "edge")
GROUNDS = ("page", "card", "code")
MEETING = (("own", "wait"), ("pass", "fail"), ("fail", "compute"), ("wait", "pass"))
APART = 12
"""Five times what can just be seen."""
COLOURS = (
    "names => names.map((n) => getComputedStyle(document.documentElement).getPropertyValue(n))"
)


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request, browser, sample):
    """Give the page in each theme, everything unfolded, to tests that leave it so."""
    opened = Window(browser, color_scheme=request.param)
    opened.visit(sample)
    opened.unfold()
    yield opened.page
    opened.context.close()


def colours(page):
    """Give the page's colours by name, as the browser has them in its theme."""
    names = sorted({*TEXT, *SHAPES, *GROUNDS})
    found = page.evaluate(COLOURS, [f"--{name}" for name in names])
    return {name: value.strip() for name, value in zip(names, found, strict=True)}


@pytest.mark.parametrize(("inks", "least"), [(TEXT, 4.5), (SHAPES, 3.0)])
def test_colours_stand_out(page, inks, least):
    """Text has 4.5 to 1 against every ground, shapes 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11)."""
    grounds = GROUNDS if inks is TEXT else GROUNDS[:2]
    values = colours(page)
    ratios = {
        (ink, ground): round(contrast(values[ink], values[ground]), 2)
        for ink in inks
        for ground in grounds
    }
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < least} == {}


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_can_be_told_apart_by_all_readers(page, sight):
    """Colours that meet in one chart stay apart to those who see fewer colours."""
    values = colours(page)
    apart = {pair: round(distance(*(values[n] for n in pair), sight), 1) for pair in MEETING}
    assert {pair: found for pair, found in apart.items() if found < APART} == {}


def test_a_checker_finds_nothing_serious(page, request):
    """axe-core, with everything unfolded: the light page wide, the dark one narrow."""
    light = request.node.callspec.params["page"] == "light"
    page.set_viewport_size({"width": 1440 if light else 390, "height": 900})
    assert serious(page) == []


def test_headings_do_not_skip_a_level(page):
    """A screen reader's outline has no holes."""
    levels = page.locator("h1, h2, h3, h4, h5").evaluate_all(
        "all => all.map((each) => Number(each.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_everything_can_be_reached_by_keyboard(page):
    """Tab leads through links, choices and folds, and what has the focus shows it."""
    page.keyboard.press("Tab")
    seen = set()
    for _ in range(80):
        seen.add(page.evaluate("document.activeElement.tagName"))
        page.keyboard.press("Tab")
    assert {"A", "INPUT", "SELECT", "BUTTON"} <= seen
    style = page.locator(":focus").evaluate("e => getComputedStyle(e).outlineStyle")
    assert style != "none"
