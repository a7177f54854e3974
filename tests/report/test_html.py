from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from canned import EPOCH_S, HOSTILE, canned_run
from canned_load import loaded
from canned_many import many_endpoints
from canned_parts import measurement, records

from neverblock.model import Endpoint, Verdict
from neverblock.report.html import render
from neverblock.storage import run_file


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


def test_the_page_fetches_nothing(source, page):
    """Every link stays within the page or saves the embedded run; no frames, images or imports."""
    links = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in {"href", "src", "srcset", "action", "data", "poster", "xlink:href"}
    ]
    assert links
    outside = [link for link in links if not link.startswith("#")]
    assert [link[:29] for link in outside] == ["data:application/gzip;base64,"]
    assert {tag for tag, _ in page.elements}.isdisjoint(
        {"iframe", "img", "object", "embed", "link", "base", "foreignobject"}
    )
    assert all(url.startswith("#") for url in re.findall(r"url\(([^)]*)\)", source))
    assert "@import" not in source


def test_the_policy_allows_the_page_s_own_style_and_script_and_nothing_else(source, page):
    """The policy forbids by default; the hashes in it are those of the one style and script."""
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", source, re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
        assert [each for tag, each in page.elements if tag == kind] == [{}]
    assert not [attributes for _, attributes in page.elements if "style" in attributes]
    assert not [name for _, attributes in page.elements for name in attributes if name[:2] == "on"]


def test_hostile_names_are_shown_as_text(source, page):
    """What a target named can neither open an element nor leave an attribute."""
    assert HOSTILE not in source
    assert source.lower().count("<script") == 1
    assert "\x1b" not in source
    assert "\x07" not in source
    assert "<script>alert('x')</script>\"&\\x1b[31m\\x07" in page.text


def test_links_land(page):
    """Every link within the page names an element, and no id is given twice."""
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in page.all("a") if link["href"][0] == "#"} <= set(ids)


def test_charts_are_drawn_with_text_alternatives(page):
    """Each measured result has its chart, each endpoint its track; each says what it shows."""
    measured = [r for r in canned_run().results if r.measurement]
    labels = [chart["aria-label"] for chart in page.all("svg")]
    assert all(chart["role"] == "img" for chart in page.all("svg"))
    assert sum(" under " in label for label in labels) == len(measured)
    assert sum("Wall of " in label for label in labels) == len({r.endpoint for r in measured})
    assert all(len(label) > 40 for label in labels)


def test_colours_follow_the_reader_s_theme(source):
    """No placeholder colour is left, and each colour is defined for light and for dark."""
    assert "#0101" not in source
    used = set(re.findall(r"var\(--(\w+)\)", source))
    light, dark = (source.split("@media")[i] for i in (0, 1))
    assert used <= set(re.findall(r"--(\w+):", light))
    assert used <= set(re.findall(r"--(\w+):", dark))


def chart_of(source, name):
    """Give the chart of a result, such as "sleep/bad under gather"."""
    return re.search(rf'<svg[^>]*aria-label="{name}.*?</svg>', source, re.DOTALL)[0]


def test_bad_and_good_are_drawn_at_the_same_scale(source):
    """The ticks of time under the staircase are those under the parallel bars."""
    charts = [chart_of(source, f"sleep/{each} under gather") for each in ("bad", "good")]
    bad, good = (re.findall(r">([\d.]+ s)</text>", chart)[:4] for chart in charts)
    assert bad == good == ["2.5 s", "5 s", "7.5 s", "10 s"]


def test_figures_in_charts_are_not_rounded_away(source):
    """Coordinates are shortened to keep the page small; what a person reads is not."""
    staircase = chart_of(source, "sleep/bad under gather")
    assert "10.02 s</text>" in staircase
    assert "up to 1.01 s</text>" in staircase


def test_a_large_burst_is_thinned_out_and_every_failure_marked():
    """Of a thousand requests sixty are drawn, but every failure is marked."""
    run = canned_run()
    figures = measurement(1000, 0.01, EPOCH_S, serial=True)
    fired = records(1000, 0.01, EPOCH_S, serial=True)
    fired = tuple(replace(r, status=500) if r.seq % 100 == 7 else r for r in fired)
    many = replace(run.results[0], measurement=figures, records=fired)
    chart = chart_of(render(replace(run, results=(many,))), "sleep/bad under gather")
    assert max(path.count("z") for path in re.findall(r'd="(M[^"]*)"', chart)) == 60
    assert chart.count("<use") == 10


def test_an_example_replaces_no_line(source):
    """Without a change by rule there is nothing to take away: the example stands alone."""
    assert '<span class="line">await asyncio.sleep(OWN_TIME_S)</span>' in source
    assert "<del>" not in source


def test_a_reason_of_many_lines_keeps_them():
    """A traceback in a reason is shown line by line, escaped, beneath its first line."""
    bad = canned_run().results[0]
    judgement = replace(bad.judgement, reason=f"answers 500:\nTraceback\n  {HOSTILE}")
    source = render(replace(canned_run(), results=(replace(bad, judgement=judgement),)))
    assert "Answers 500:</p>" in source
    assert '<span class="line">Traceback</span>' in source
    assert HOSTILE not in source


def test_the_page_embeds_its_run(page):
    """The link that saves the data holds the whole run."""
    (link,) = (a["href"] for a in page.all("a") if a.get("id") == "embedded-run")
    packed = b64decode(link.partition("base64,")[2])
    assert run_file.from_json(json.loads(gzip.decompress(packed))) == canned_run()


def test_what_is_not_as_expected_comes_first():
    """A reference run with a surprise names it above everything else, with what was expected."""
    run = canned_run()
    odd = replace(run.results[1], as_expected=False, expected=run.results[0].expected)
    source = render(replace(run, results=(*run.results[:1], odd)))
    surprise = "sleep/good under gather: concurrent, where blocking-io (fail)"
    assert source.index('id="surprises"') < source.index('id="fix-first"')
    assert surprise in " ".join(Page(source).text.split())


def test_a_page_of_a_user_s_app_folds_away_what_passes():
    """What fails stands open and first, what passes is one line beneath; nothing is claimed."""
    page = render(many_endpoints(6, 10))
    assert page.rindex('class="blame"') < page.index('<details class="calm">')
    assert page.count('<details class="calm">') == 4
    assert "Claims, measured" not in page
    assert "Not checked" in page


def test_the_blamed_expression_is_marked(source):
    """The call, not its whole line, is marked in the source."""
    assert "    <mark>time.sleep</mark>(OWN_TIME_S)" in source


def test_a_page_without_results_still_says_so():
    """An empty run gives a page that claims nothing."""
    empty = replace(canned_run(), results=(), control=None, phases=(), environment={})
    assert "Nothing was measured." in Page(render(empty)).text


def test_the_page_of_a_load_offers_no_requests_and_explains_no_checks():
    """It has neither: its requests are counted, and it is judged by what held the loop."""
    source = render(loaded(Verdict.PASS))
    assert "records.csv" not in source.partition("<script>")[0]
    assert "<footer>" not in source


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
        started = time.process_time()
        render(replace(run, results=results))
        spent.append(time.process_time() - started)
    assert spent[1] < 16 * spent[0]


def test_a_missing_extra_is_told_with_what_to_type():
    """Without matplotlib, asking for the page says what to install; text still works."""
    code = """
import sys
sys.modules["matplotlib"] = None
from neverblock.errors import UsageError
from neverblock.report import create_renderer
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
