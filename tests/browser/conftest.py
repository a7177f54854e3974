"""A real browser: Debian's Chromium by Playwright, which downloads none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from canned import canned_run
from needs import absent
from windows import Window

from neverblock.report.html import render

SAMPLE = Path(__file__).parents[2] / "reports" / "sample" / "index.html"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    """Start the browser once, or skip with what to install."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be missing
    except ImportError:
        absent("Playwright is missing. Type: make setup")
    if program is None:
        absent("There is no browser. Type: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def window(browser):
    """Give a way to open windows, which are closed afterwards."""
    opened = []

    def open_window(**context):
        opened.append(Window(browser, **context))
        return opened[-1]

    yield open_window
    for each in opened:
        each.context.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Give the page of the canned run, whose names try to get out of their places."""
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(render(canned_run()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def sample():
    """Give the page of the committed run, which is a real one."""
    return SAMPLE
