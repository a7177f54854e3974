"""The comment on a pull request, as a Markdown parser reads it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from canned import canned_run
from canned_load import loaded
from hostile import NASTY, hostile_run, own
from markdown_it import MarkdownIt

from neverblock.model import Verdict
from neverblock.report.markdown import LIMIT, render
from neverblock.result.timeline import Trend

OURS = {
    *("h2", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre"),
    *("details", "summary", "ul", "li", "strong", "sub"),
}


@pytest.fixture(scope="module")
def run():
    """Give the canned run."""
    return canned_run()


class Page(HTMLParser):
    """A rendered comment: its elements with their attributes, and the text outside of code."""

    def __init__(self, source):
        """Render and parse the source."""
        super().__init__()
        self.elements = []
        self.open = []
        self.prose = ""
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(source))

    def handle_starttag(self, tag, attrs):
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        """Close an element, which is the one opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keep text that GitHub looks for mentions in."""
        if not {"code", "pre"} & set(self.open):
            self.prose += data


def many(run, count, *, verdicts=("sleep/bad",)):
    """Give a run of a large app, whose endpoints fare like these."""
    results = [r for r in own(run).results if r.endpoint.name in verdicts][: len(verdicts)]
    return replace(
        own(run),
        results=tuple(
            replace(r, endpoint=replace(r.endpoint, name=f"GET /{'long-' * 20}{number}"))
            for number in range(count)
            for r in results
        ),
    )


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_hostile_names_stay_in_their_place(text):
    """No name of a target's is markup, a link, a mention or the end of a block."""
    source = render(hostile_run(text))
    source.encode("utf-8")
    page = Page(source)
    assert page.open == []
    assert {tag for tag, _ in page.elements} <= OURS
    assert all(attributes.keys() <= {"class", "style"} for _, attributes in page.elements)
    rows = [tag for tag, _ in page.elements if tag == "tr"]
    cells = [tag for tag, _ in page.elements if tag in {"th", "td"}]
    assert len(rows) == 4
    assert len(cells) == 2 * 6 + 2 * 4
    assert re.search(r"[@#]\w", page.prose) is None
    unfenced = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1\n", "", source)
    assert "```" not in unfenced
    assert re.search(r"://|www\.", unfenced) is None
    assert len(source) <= LIMIT


def test_the_verdict_comes_first(run):
    """The first line says how it went, with the mark of the exit code."""
    first = [
        render(each).splitlines()[0] for each in (own(run, "sleep/bad"), own(run, "sleep/good"))
    ]
    assert first[0].startswith("## ✗ neverblock: 1 of 1 endpoints fail")
    assert first[1].startswith("## ✓ neverblock: 1 of 1 endpoints")
    assert render(replace(run, results=())).startswith("## ? neverblock: Nothing")
    assert render(own(run, "image/good")).startswith("## ? ")


def test_the_table_says_where_and_what_instead(run):
    """A row is enough to go and fix the line."""
    row = next(line for line in render(own(run)).splitlines() if "sleep/bad" in line)
    for part in ("NB101 blocking-io", "sleep.py&#58;21", "1.01 s", "asyncio.sleep"):
        assert part in row


def test_the_details_are_folded(run):
    """Source with the blamed line, call path and advice are there for who opens them."""
    source = render(own(run, "sleep/bad"))
    folded = source.partition("<details>")[2]
    assert "    time.sleep(OWN_TIME_S)  # <-- here" in folded
    assert "await asyncio.sleep(OWN_TIME_S)" in folded
    assert "target_app/pairs/sleep.py:12 endpoint" in folded


def test_passes_are_dropped_first_and_that_is_said(run):
    """A comment that is too long for GitHub would not be posted at all."""
    small = many(run, 10, verdicts=("sleep/bad", "sleep/good"))
    large = many(run, 60, verdicts=("sleep/bad", "sleep/good"))
    assert "Not shown" not in render(small)
    source = render(large)
    assert len(source) <= LIMIT
    left = re.search(r"Not shown, as a comment holds 65,536 characters: (.*)\.", source)[1]
    assert re.search(r"\b\d+ passes", left)
    assert source.count("| ✗ |") == 60


@pytest.mark.parametrize("count", [100, 400, 3000])
def test_a_huge_run_keeps_to_the_limit_and_counts_what_it_does_not_show(run, count):
    """What is shown and what is not add up."""
    source = render(many(run, count))
    assert len(source) <= LIMIT
    rows = source.count("| ✗ |")
    left = re.search(r"(\d+) findings", source.partition("Not shown")[2])
    assert rows + (int(left[1]) if left else 0) == count
    details = source.count("<details><summary>NB101")
    assert details + int(re.search(r"(\d+) details", source)[1]) == count


def test_a_control_that_was_not_seen_is_told(run):
    """Where the probe missed its own block no verdict counts, in a comment as elsewhere."""
    unseen = replace(run.control, seen=False, complaint="nothing was seen of it")
    assert "no verdict counts" in render(replace(run, control=unseen))


def test_what_is_noted_of_a_load_is_told(run):
    """What only got worse, and whatever else stands beneath it in the terminal."""
    trend = Trend("memory", 2.0**20, 0.9 * 2**20, 1.1 * 2**20, 50e6, 70e6, pid=7)
    note = "62 % of the requests in flight stood at app/db.py:30 async with lock (asyncio.Lock)."
    text = Page(render(loaded(Verdict.PASS, notes=(note,), trends=(trend,)))).prose
    assert note in text
    assert "Memory of process 7 only rises: by" in text
