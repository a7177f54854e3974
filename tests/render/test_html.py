from __future__ import annotations

import re
import subprocess
import sys
import time
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from canned import HOSTILE, canned_run

from harness.model import Endpoint
from harness.render.html import render


class Page(HTMLParser):
    """A page taken apart: its elements, and its text."""

    def __init__(self, source):
        """Parse the source."""
        super().__init__()
        self.elements = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Keep its text."""
        self.text += data

    def all(self, tag):
        """Give the attributes of all elements of a kind."""
        return [attributes for each, attributes in self.elements if each == tag]


@pytest.fixture(scope="module")
def source():
    """Give the canned run's page."""
    return render(canned_run())


@pytest.fixture(scope="module")
def page(source):
    """Give the same, taken apart."""
    return Page(source)


def test_the_page_fetches_nothing_and_runs_nothing(source, page):
    """Every link stays within the page; there are no scripts, frames, images or imports."""
    links = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in {"href", "src", "srcset", "action", "data", "poster", "xlink:href"}
    ]
    assert links
    assert all(link.startswith("#") for link in links)
    assert {tag for tag, _ in page.elements}.isdisjoint(
        {"script", "iframe", "img", "object", "embed", "link", "base", "form", "foreignobject"}
    )
    assert all(url.startswith("#") for url in re.findall(r"url\(([^)]*)\)", source))
    assert "@import" not in source


def test_the_policy_allows_the_page_s_own_style_and_nothing_else(source, page):
    """The policy forbids by default, and the hash in it is that of the one style element."""
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    style = re.search(r"<style>(.*?)</style>", source, re.DOTALL)[1]
    assert b64encode(sha256(style.encode()).digest()).decode() in policy
    assert not [attributes for _, attributes in page.elements if "style" in attributes]
    assert not [name for _, attributes in page.elements for name in attributes if name[:2] == "on"]


def test_hostile_names_are_shown_as_text(source, page):
    """What a target named can neither open an element nor leave an attribute."""
    assert HOSTILE not in source
    assert "<script" not in source.lower()
    assert "\x1b" not in source
    assert "\x07" not in source
    assert "<script>alert('x')</script>\"&\\x1b[31m\\x07" in page.text


def test_links_land(page):
    """Every link within the page names an element, and no id is given twice."""
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in page.all("a")} <= set(ids)


def test_charts_are_drawn_with_text_alternatives(page):
    """Each measured result has its chart; every chart says in words what it shows."""
    measured = [r for r in canned_run().results if r.measurement]
    charts = page.all("svg")
    assert len(charts) == len(measured) + 1
    assert all(chart["role"] == "img" and len(chart["aria-label"]) > 40 for chart in charts)
    assert "sleep/bad under gather" in charts[1]["aria-label"]


def test_colours_follow_the_reader_s_theme(source):
    """No placeholder colour is left, and each colour is defined for light and for dark."""
    assert "#0101" not in source
    used = set(re.findall(r"var\(--(\w+)\)", source))
    light, dark = (source.split("@media")[i] for i in (0, 1))
    assert used <= set(re.findall(r"--(\w+):", light))
    assert used <= set(re.findall(r"--(\w+):", dark))


def test_bad_and_good_are_drawn_at_the_same_scale(source):
    """The ticks of time under the staircase are those under the parallel bars."""
    charts = re.findall(r"<svg.*?</svg>", source, re.DOTALL)
    bad, good = (re.findall(r">([\d.]+ s)</text>", chart)[:4] for chart in charts[1:3])
    assert bad == good == ["2.5 s", "5 s", "7.5 s", "10 s"]


def test_figures_in_charts_are_not_rounded_away(source):
    """Coordinates are shortened to keep the page small; what a person reads is not."""
    staircase = re.findall(r"<svg.*?</svg>", source, re.DOTALL)[1]
    assert "10.02 s</text>" in staircase
    assert "up to 1.01 s</text>" in staircase


def test_the_blamed_expression_is_marked(source):
    """The call, not its whole line, is marked in the source."""
    assert "    <mark>time.sleep</mark>(OWN_TIME_S)" in source


def test_a_page_without_results_still_says_so():
    """An empty run gives a page that claims nothing."""
    empty = replace(canned_run(), results=(), control=None, phases=(), environment={})
    assert "Nothing was measured." in Page(render(empty)).text


def test_names_that_differ_in_signs_alone_get_links_of_their_own():
    """Paths such as /a/b and /a-b share a slug, not a section; others' scripts do no harm."""
    run = canned_run()
    twins = tuple(
        replace(run.results[1], endpoint=Endpoint(f"GET {path}", "GET", path))
        for path in ("/a/b", "/a-b", "/a.b", "/利用者/$x$")
    )
    page = Page(render(replace(run, results=twins)))
    assert {"get-a-b", "get-a-b--2", "get-a-b--3", "get-x"} <= {
        attributes.get("id") for _, attributes in page.elements
    }


def test_rendering_grows_with_the_results_and_no_faster():
    """Eight times the results cost at most about eight times the time, and room to spare."""
    run = canned_run()
    spent = []
    for times in (1, 8):
        results = tuple(
            replace(r, endpoint=replace(r.endpoint, name=f"{r.endpoint.name}-{k}", pair=None))
            for k in range(times)
            for r in run.results[:10]
        )
        started = time.perf_counter()
        render(replace(run, results=results))
        spent.append(time.perf_counter() - started)
    assert spent[1] < 16 * spent[0]


def test_a_missing_extra_is_told_with_what_to_type():
    """Without matplotlib, asking for the page says what to install; text still works."""
    code = """
import sys
sys.modules["matplotlib"] = None
from harness.errors import UsageError
from harness.render import create_renderer
create_renderer("text")
try:
    create_renderer("html")
except UsageError as error:
    print(error)
"""
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert "pip install 'neverblock[report]'" in told
