"""The time line of a load in a real browser: what is pointed at shows what belongs to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from canned_load import HELD, loaded

from neverblock.model import Verdict
from neverblock.report.html import render
from neverblock.result import HitRequest, LoadStall

BOTH = HitRequest("POST /orders", 0.5, 2.0, 0.4)
STALLS = (
    LoadStall(1.0, 0.4, 7, 0, 1, 0.4, (BOTH,)),
    LoadStall(2.0, 0.4, 7, 1, 2, 0.8, (BOTH, HitRequest("GET /", 2.1, 0.5, 0.3))),
)


@pytest.fixture
def line(window, tmp_path):
    """Open the page of a load with two stalls, one of each of two lines."""
    file = tmp_path / "index.html"
    findings = (HELD, replace(HELD, line=50, function="pay"))
    run = loaded(Verdict.FAIL, stalls=STALLS, findings=findings)
    file.write_text(render(run), encoding="utf-8")
    return window().visit(file)


def shown(page):
    """Give the titles of what is shown."""
    return [
        each.split(",")[0].split(" held")[0] for each in page.locator("g.shown").all_text_contents()
    ]


def test_stalls_requests_and_findings_point_at_each_other(line):
    """A stall at its requests, a request at its stalls, a finding at all of its own; by Tab too."""
    stalls, requests = line.locator("svg.hits g.held"), line.locator("svg.hits g.hit")
    stalls.nth(1).hover()
    assert shown(line) == ["app/db.py:50 pay", "POST /orders", "GET /"]
    assert "2 other requests lost 800 ms" in line.locator("#pointed").text_content()
    requests.nth(0).hover()
    assert shown(line) == ["app/db.py:41 load_user", "app/db.py:50 pay", "POST /orders"]
    stalls.nth(0).focus()
    assert shown(line) == ["app/db.py:41 load_user", "POST /orders"]
    line.locator("article[data-finding='1']").hover()
    assert shown(line) == ["app/db.py:50 pay", "POST /orders", "GET /"]
    line.locator("h1").first.hover()
    assert line.locator("svg.hits.pointing").count() == 0
    assert "Point at a stall" in line.locator("#pointed").text_content()
