from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from builders import run

from neverblock.errors import ExitCode
from neverblock.gate.decide import decide, exit_code
from neverblock.gate.policy import Policy
from neverblock.model import Verdict
from neverblock.report.html import render as html
from neverblock.report.summary import answer
from neverblock.report.text import render
from neverblock.result import (
    Generator,
    Load,
    LoadEndpoint,
    LoadFinding,
    Moment,
    ServerProcess,
    Trend,
)
from neverblock.storage.run_file import from_json, to_json

TODAY = date(2026, 12, 1)
HELD = LoadFinding(
    "app/db.py",
    41,
    "load_user",
    "conn.execute",
    41.0,
    on_cpu=False,
    target="psycopg2.execute",
    code="NB101",
    holds=312,
    longest_s=0.4,
    routes=("GET /users/{id}",),
    others_requests=2913,
    others_lost_s=104.0,
    others_worst_s=3.1,
    victims={"POST /orders": 2068, "GET /": 845},
)
ORDERS = LoadEndpoint(
    "POST /orders", "POST /orders", 4000, 3, 66.7, 0.05, 0.4, 0.9, 2.0, 3.4, lost_s=80.0
)


def loaded(verdict, **more):
    """Give a run that is a load, of one endpoint and one line that held the loop."""
    parts = {"endpoints": (ORDERS,), "findings": (HELD,), **more}
    quiet = Generator(cpu_share=0.3, max_lag_s=0.01)
    load = Load(200, 1, 4, 60.0, 4000, 3, 66.7, 0.0, quiet, verdict, "It was so.", **parts)
    return replace(run(), load=load)


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.PASS, ExitCode.OK),
        (Verdict.FAIL, ExitCode.FAILED),
        (Verdict.INCONCLUSIVE, ExitCode.NOT_MEASURED),
        (Verdict.ERROR, ExitCode.NOT_MEASURED),
    ],
)
def test_the_exit_code_of_a_load_is_that_of_its_verdict(verdict, code):
    """As everywhere: what could not be measured never passes."""
    made = loaded(verdict)
    assert decide(made, Policy(), today=TODAY).exit_code == code
    assert exit_code(made) == code


def test_the_reason_names_the_line_and_its_code():
    """For each line that held the loop for longer than the limit."""
    (reason,) = decide(loaded(Verdict.FAIL), Policy(), today=TODAY).reasons
    assert (reason.line, reason.code) == ("app/db.py:41", "NB101")
    assert "312 times" in reason.sentence


def test_an_interrupted_load_keeps_what_it_found():
    """And ends with 130."""
    made = replace(loaded(Verdict.FAIL), interrupted=True)
    assert decide(made, Policy(), today=TODAY).exit_code == ExitCode.INTERRUPTED
    assert answer(made) == "Interrupted before the end. It was so."


def test_a_load_is_read_as_it_was_written():
    """With its findings and figures."""
    made = loaded(Verdict.FAIL)
    assert from_json(to_json(made)) == made


def test_the_terminal_says_what_a_line_did_to_others():
    """How often, how long, how many lost how much, and whose they were."""
    said = " ".join(render(loaded(Verdict.FAIL), width=160).split())
    assert (
        "app/db.py:41 load_user -> psycopg2.execute, in GET /users/{id} NB101 blocking-io 312 "
        "holds, 41.00 s in all, the longest 400 ms; 2,913 other requests lost 104.00 s in all, the "
        "worst 3.10 s; 71% of them POST /orders"
    ) in said
    assert "200 users made 4000 requests in 60.00 s, 67 a second, answered by 4 processes" in said
    assert "Alone: the time of one request" not in said


def test_the_page_shows_a_load_over_time_and_what_only_got_worse():
    """All lanes on one axis; what was not measured has no lane, and an older load no chart."""
    process = ServerProcess(7, 0.4, 64 * 2**20, 12, 4)
    moments = tuple(
        Moment(at, 1.0, 20, 100, at == 3, 0.01, 0.05, 0.2, 0.3, 0.01, processes=(process,))
        for at in range(60)
    )
    leak = Trend("memory", 2**20, 0.9 * 2**20, 1.1 * 2**20, 64 * 2**20, 84 * 2**20, pid=7)
    made = loaded(Verdict.PASS, timeline=moments, trends=(leak,))
    page = html(made)
    assert "answers a second up to 100" in page
    assert "server&#39;s memory up to 64 MB" in page
    assert "in flight" not in page
    drawn = set(re.findall(r'class="(k[0-9]+)"', page))
    assert drawn
    assert [name for name in drawn if f".{name}{{" not in page] == []
    said = "emory of process 7 only rises: by 1 MB a minute (0.9 MB to 1.1 MB), from 64 MB to 84 MB"
    assert said in page
    assert said in " ".join(render(made, width=160).split())
    assert from_json(to_json(made)) == made
    assert "Over time" not in html(loaded(Verdict.PASS))


def test_the_page_has_the_findings_and_the_endpoints_of_a_load():
    """What a target named is escaped, and nothing says that no endpoint was measured."""
    hostile = replace(ORDERS, name="<script>alert(1)</script>")
    page = html(loaded(Verdict.FAIL, endpoints=(ORDERS, hostile)))
    assert "2,913 other requests lost 104.00 s in all" in page
    assert "POST /orders" in page
    assert "<script>alert(1)" not in page
    assert "a request on average" not in page
    assert 'id="results"' not in page
    assert 'id="endpoints"' not in page
