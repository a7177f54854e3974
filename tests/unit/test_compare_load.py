"""Two loads in; what became of each endpoint and line out, in every form in which it is read."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape

import pytest
from canned import HOSTILE, canned_run
from canned_load import HELD, ORDERS, loaded

from neverblock.errors import UsageError
from neverblock.gate.changes import compared_run
from neverblock.gate.compare import Change, compare
from neverblock.model import Verdict
from neverblock.report import compare_html, compare_json, compare_text, create_renderer
from neverblock.report.text import render
from neverblock.result import LoadBurst

LATER = "2026-01-31T12:00:00Z"
PAY = replace(HELD, line=9, function="pay", target="requests.get")
FASTER = replace(ORDERS, rate_per_s=90.0, p95_s=0.02, lost_s=0.0)


def fixed():
    """Compare a load in which one line is fixed and another is new with the one before."""
    base = loaded(Verdict.FAIL, endpoints=(ORDERS, replace(ORDERS, name="GET /old")))
    head = loaded(
        Verdict.FAIL,
        LATER,
        endpoints=(FASTER, replace(ORDERS, name=f"GET /{HOSTILE}")),
        findings=(PAY,),
    )
    return base, head


@pytest.mark.parametrize(
    ("base", "head", "became"),
    [
        ((HELD,), (HELD,), [Change.SAME]),
        ((HELD,), (), [Change.FIXED]),
        ((), (HELD,), [Change.NEWLY_BLOCKING]),
        ((HELD,), (replace(HELD, held_s=60.0),), [Change.WORSE]),
        ((HELD,), (replace(HELD, held_s=20.0),), [Change.BETTER]),
        ((HELD,), (replace(HELD, line=44),), [Change.SAME]),
        ((HELD,), (PAY,), [Change.NEWLY_BLOCKING, Change.FIXED]),
        ((HELD, replace(HELD, line=50)), (replace(HELD, line=50),), [Change.SAME, Change.FIXED]),
        ((replace(HELD, longest_s=0.04, code="NB102"),), (HELD,), [Change.NEWLY_BLOCKING]),
    ],
)
def test_what_became_of_a_line(base, head, became):
    """A line that only moved is the same; a longer hold is worse, by the mean and the limit."""
    two = (loaded(Verdict.FAIL, findings=each) for each in (base, head))
    assert [each.change for each in compare(*two).load.findings] == became


def test_a_load_that_was_not_measured_says_nothing_of_its_lines():
    """Neither that one is fixed nor that it is new."""
    found = compare(loaded(Verdict.FAIL), loaded(Verdict.INCONCLUSIVE, findings=()))
    assert [each.change for each in found.load.findings] == [Change.NOT_COMPARABLE]


@pytest.mark.parametrize(
    ("figures", "became"),
    [
        ({}, Change.SAME),
        ({"rate_per_s": 10.0, "p95_s": 9.0}, Change.SAME),
        ({"lost_s": 0.0}, Change.BETTER),
        ({"lost_s": 150.0}, Change.WORSE),
        ({"took_s": None}, Change.NOT_COMPARABLE),
        ({"route": None}, Change.NOT_COMPARABLE),
    ],
)
def test_what_became_of_an_endpoint(figures, became):
    """By the share of its time that it lost to others' holds; seconds decide nothing."""
    head = loaded(Verdict.FAIL, endpoints=(replace(ORDERS, **figures),))
    (found,) = compare(loaded(Verdict.FAIL), head).load.endpoints
    assert found.change is became


@pytest.mark.parametrize(
    "figures", [{"users": 20}, {"server_workers": 1}, {"arrival_rate_per_s": 9}]
)
def test_loads_of_another_kind_are_not_compared(figures):
    """Their rates and latencies would not mean the same; it says in what they differ."""
    head = loaded(Verdict.FAIL)
    head = replace(head, load=replace(head.load, **figures))
    with pytest.raises(UsageError, match=r"cannot be compared: (users|server|tasks).* and "):
        compare(loaded(Verdict.FAIL), head)
    burst = LoadBurst(200, 1.0, None, None, 0.0, 0.0, 0.0)
    once = replace(head, load=replace(loaded(Verdict.FAIL).load, burst=burst))
    with pytest.raises(UsageError, match="cannot be compared: users over time and a burst"):
        compare(loaded(Verdict.FAIL), once)
    with pytest.raises(UsageError, match="the earlier is a load, the newer a check"):
        compare(loaded(Verdict.FAIL), canned_run())


def test_loads_by_another_text_of_the_locustfile_are_not_compared():
    """Other users are another load; where a text is not known, nothing is said of it."""
    one, other, unknown = (loaded(Verdict.FAIL, locustfile=text) for text in ("a1", "b2", None))
    with pytest.raises(UsageError, match="cannot be compared: the text of the locustfile"):
        compare(one, other)
    assert compare(one, unknown).load.findings
    assert compare(one, one).load.findings


def read(name):
    """Give a comparison in one of the forms in which it is read."""
    base, head = fixed()
    comparison = compare(base, head)
    if name == "compare text":
        return compare_text.render(comparison, width=100)
    if name == "compare page":
        return compare_html.render(comparison)
    run = compared_run(head, comparison)
    return render(run, width=200) if name == "text" else create_renderer(name)(run)


@pytest.mark.parametrize("name", ["compare text", "compare page", "text", "html", "markdown"])
def test_both_figures_of_each_endpoint_and_line_are_shown(name):
    """Before and now: rate, p95 and what it lost; what came and what went; and nothing escapes."""
    assert HOSTILE not in read(name)
    told = " ".join(unescape(read(name).replace("<wbr>", "")).split())
    for said in (
        "67/s, p95 900 ms, lost 80.00 s (20% of its time)",
        "90/s, p95 20 ms, lost 0 ms (0% of its time)",
        "312 holds, 131 ms each on average; others lost 104.00 s",
        "newly-blocking",
        "fixed",
        "app/db.py:9",
        "GET /old",
    ):
        assert said in told, (name, said)


def test_a_comparison_of_loads_is_written_as_json():
    """With all figures of both."""
    base, head = fixed()
    saved = json.loads(compare_json.render(compare(base, head)))["load"]
    assert [each["change"] for each in saved["findings"]] == ["newly-blocking", "fixed"]
    assert saved["endpoints"][0]["head"]["p95_s"] == 0.02
    assert saved["endpoints"][0]["base"]["lost_s"] == 80.0
