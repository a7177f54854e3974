"""The worst stalls of a load with the requests that they hit, and how the page shows them."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from builders import trace
from canned import HOSTILE
from canned_load import loaded as canned
from loads import QUOTE, counted, hold, request

from neverblock.analysis.load.hits import MOST
from neverblock.analysis.load.report import LoadSeen, load_of
from neverblock.model import Beat, Verdict
from neverblock.report.hits_svg import hits
from neverblock.report.html import render
from neverblock.result import Control, Criterion

SEEN = Control(True, 0.1, 0.1, "null_app.py:1", "null_app.py:1")
BEATS = tuple(Beat(float(at), 10, at * 0.2, 0.001, 5) for at in range(1, 11))
FREE = [request("GET /free", at / 10, 0.01, number=at) for at in range(1, 90)]


def load_with(requests, stalls):
    """Give what is kept of a load in which most requests are free."""
    asked = [*FREE, *requests]
    seen = LoadSeen(asked, counted(asked), BEATS, stalls, replace(trace(), pids=(1,)), SEEN)
    return load_of(seen, Criterion(), lambda found: replace(found, file="app/slow.py"))


def two_stalls():
    """Give a load in which one request was hit by both stalls, and another by the second."""
    late = [
        request("GET /free", 2.05, 1.2, number=300),
        request("GET /free", 3.1, 0.15, number=301),
    ]
    slow = [hold(2.0, 0.2, number=100), hold(3.0, 0.2, number=101, frame=QUOTE, route="GET /q")]
    return load_with(late, slow)


def test_a_stall_has_the_requests_that_it_hit():
    """With what each lost to it, on the axis of the load, and which finding held it."""
    load = two_stalls()
    first, second = load.stalls
    assert [each.at_s for each in load.stalls] == [pytest.approx(1.9), pytest.approx(2.9)]
    assert (first.requests, second.requests) == (1, 2)
    assert first.hits[0].name == "GET /free"
    assert first.hits[0].at_s == pytest.approx(1.95)
    assert first.hits[0].lost_s == pytest.approx(0.15)
    assert second.lost_s == pytest.approx(sum(hit.lost_s for hit in second.hits))
    assert [load.findings[each.finding].line for each in load.stalls] == [7, 12]


def test_there_are_few_of_them_and_one_of_each_finding():
    """However many there are, and however little another line did beside them."""
    stalls = [hold(at / 10, 0.06, number=500 + at) for at in range(1, 80)]
    asked = [request("GET /free", at / 10 + 0.01, 0.08, number=700 + at) for at in range(1, 80)]
    quote = hold(8.5, 0.06, number=900, frame=QUOTE, route="GET /q")
    load = load_with([*asked, request("GET /free", 8.51, 0.06, number=950)], [*stalls, quote])
    assert len(load.stalls) == MOST
    assert {load.findings[each.finding].line for each in load.stalls} == {7, 12}
    assert list(load.stalls) == sorted(load.stalls, key=lambda each: each.at_s)
    crowd = [request("GET /free", 5.0, 0.5, number=1000 + at) for at in range(30)]
    (one,) = load_with(crowd, [hold(5.1, 0.3, number=99)]).stalls
    assert (one.requests, len(one.hits)) == (30, MOST)


def test_the_page_says_of_each_what_it_was_and_what_belongs_to_it():
    """In a title that needs no script; a request says what hit it, a finding which are its own."""
    load = two_stalls()
    drawn = str(hits(load))
    assert drawn.count('class="held"') == 2
    assert re.findall(r'class="hit" data-stalls="([^"]*)"', drawn) == ["0 1", "1"]
    titles = [unescape(each) for each in re.findall("<title>(.*?)</title>", drawn)]
    assert titles[0].startswith("app/slow.py:7 slow held the loop of process 1 for 200 ms")
    assert "1 other request lost 150 ms" in titles[0]
    assert titles[2].startswith("GET /free, sent 1.95 s after the first request, took 1.20 s: ")
    assert "lost to app/slow.py:7 slow; " in titles[2]
    page = render(replace(canned(Verdict.FAIL), load=load))
    assert page.count('<svg class="hits"') == 1
    assert page.count('<article class="card background" data-finding=') == len(load.findings)


def test_what_the_target_named_stays_text():
    """A name that tries to get out of its place does not."""
    load = two_stalls()
    hostile = [
        replace(each, hits=tuple(replace(hit, name=HOSTILE) for hit in each.hits))
        for each in load.stalls
    ]
    drawn = str(hits(replace(load, stalls=tuple(hostile))))
    assert "<script" not in drawn
    assert hits(replace(load, stalls=())) is None
