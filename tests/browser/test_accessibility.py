from __future__ import annotations

from itertools import pairwise

import pytest
from axe import serious

TEXT = ("ink", "soft", "link", "pass", "fail", "unsure")
SHAPES = ("own", "wait", "fail", "pass", "compute", "gil", "machine", "unsure", "edge")
GROUNDS = ("page", "card", "code")
COLOURS = (
    "names => names.map((n) => getComputedStyle(document.documentElement).getPropertyValue(n))"
)


@pytest.fixture(params=["light", "dark"])
def page(request, window, sample):
    """Give the page in each theme, everything unfolded."""
    shown = window(color_scheme=request.param).visit(sample)
    shown.locator("details").evaluate_all("all => all.forEach((each) => { each.open = true })")
    return shown


def luminance(colour):
    """Give the relative luminance of "#rrggbb" (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Give the contrast ratio of two colours (WCAG 2.2)."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("inks", "least"), [(TEXT, 4.5), (SHAPES, 3.0)])
def test_colours_stand_out(page, inks, least):
    """Text has 4.5 to 1 against every ground, shapes 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11)."""
    values = dict(
        zip(
            (*inks, *GROUNDS),
            page.evaluate(COLOURS, [f"--{name}" for name in (*inks, *GROUNDS)]),
            strict=True,
        )
    )
    grounds = GROUNDS if inks is TEXT else GROUNDS[:2]
    ratios = {
        (ink, ground): round(contrast(values[ink].strip(), values[ground].strip()), 2)
        for ink in inks
        for ground in grounds
    }
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < least} == {}


@pytest.mark.parametrize("width", [1440, 390])
def test_a_checker_finds_nothing_serious(page, width):
    """axe-core, with everything unfolded, in both themes, wide and narrow."""
    page.set_viewport_size({"width": width, "height": 900})
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
