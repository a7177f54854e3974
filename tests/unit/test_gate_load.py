from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from canned_load import HELD, ORDERS, loaded

from neverblock.analysis.rejudge import rejudge
from neverblock.errors import ExitCode, UsageError
from neverblock.gate.compare import compare
from neverblock.gate.decide import decide, excused_run, exit_code
from neverblock.gate.policy import Allow, FailOn, Policy
from neverblock.model import Verdict
from neverblock.report import create_renderer
from neverblock.report.html import render as html
from neverblock.report.summary import answer
from neverblock.report.text import render
from neverblock.result import LoadThreshold, Moment, ServerProcess, Trend
from neverblock.storage.run_file import from_json, to_json

TODAY = date(2026, 12, 1)


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


def test_short_waits_that_fail_a_load_fail_the_gate():
    """Each is within the limit, and the load fails by them all the same."""
    short = replace(HELD, longest_s=0.04)
    (reason,) = decide(loaded(Verdict.FAIL, findings=(short,)), Policy(), today=TODAY).reasons
    assert (reason.line, reason.exit_code) == ("app/db.py:41", ExitCode.FAILED)


def test_a_failed_load_never_passes_for_want_of_a_reason():
    """Whatever it failed by: an older one may not say."""
    (reason,) = decide(loaded(Verdict.FAIL, findings=()), Policy(), today=TODAY).reasons
    assert (reason.sentence, reason.exit_code) == ("It was so.", ExitCode.FAILED)


@pytest.mark.parametrize(
    ("allows", "code"),
    [
        ([("app/db.py:41", None)], ExitCode.OK),
        ([("app/db.py:*", "NB101")], ExitCode.OK),
        ([("GET /users/{id}", "blocking-io")], ExitCode.OK),
        ([("GET /users/{id}", "NB102")], ExitCode.FAILED),
        ([("POST /orders", None)], ExitCode.FAILED),
    ],
)
def test_an_allow_tolerates_a_line_of_a_load(allows, code):
    """By its line or by the route that runs it, until its day; every format says so."""
    policy = Policy(allow=tuple(Allow(who, "known", date(2026, 12, 2), c) for who, c in allows))
    decision = decide(loaded(Verdict.FAIL), policy, today=TODAY)
    assert decision.exit_code == code
    assert decision.warnings == ()
    late = decide(loaded(Verdict.FAIL), policy, today=date(2026, 12, 2))
    assert late.exit_code == ExitCode.FAILED
    if code == ExitCode.OK:
        assert "it was allowed until 2026-12-02: known" in late.reasons[0].sentence
        excused = excused_run(loaded(Verdict.FAIL), decision)
        assert exit_code(excused) == ExitCode.OK
        assert "allowed until 2026-12-02: known" in " ".join(render(excused, width=160).split())
        assert "Allowed until 2026-12-02: known." in html(excused)
        assert "<failure" not in create_renderer("junit")(excused)


def test_an_allow_for_one_of_two_routes_is_not_enough():
    """The other one is no known offender."""
    both = replace(HELD, routes=("GET /new", "GET /users/{id}"))
    until = date(2026, 12, 2)
    one = Policy(allow=(Allow("GET /users/{id}", "known", until),))
    two = Policy(allow=(*one.allow, Allow("GET /new", "known", until)))
    made = loaded(Verdict.FAIL, findings=(both,))
    assert decide(made, one, today=TODAY).exit_code == ExitCode.FAILED
    assert decide(made, two, today=TODAY).exit_code == ExitCode.OK


NEW = Policy(fail_on=FailOn.NEW)


def beside(base, head):
    """Decide about a load beside an earlier one: only what is worse fails."""
    return decide(head, NEW, today=TODAY, baseline=compare(base, head))


def test_a_baseline_without_a_verdict_excuses_no_line_and_it_says_so():
    """What to do stands beside it; the line itself is the reason."""
    said = beside(loaded(Verdict.INCONCLUSIVE), loaded(Verdict.FAIL)).reasons[0]
    assert said.exit_code == ExitCode.FAILED
    assert "counts as new: the baseline's load has no verdict" in said.sentence
    known = beside(loaded(Verdict.FAIL), loaded(Verdict.FAIL, endpoints=())).reasons
    assert not any("counts as new" in each.sentence for each in known)


def test_only_what_is_worse_than_in_the_baseline_fails_where_that_is_asked():
    """A known line is tolerated; one that is new or holds for longer fails, as all else does."""
    known = loaded(Verdict.FAIL)
    assert beside(known, known).exit_code == ExitCode.OK
    assert "no worse than in the baseline" in beside(known, known).tolerated[0].sentence
    another = replace(HELD, line=9, function="pay", target="requests.get")
    (reason,) = beside(known, loaded(Verdict.FAIL, findings=(HELD, another))).reasons
    assert reason.line == "app/db.py:9"
    longer = replace(HELD, held_s=60.0)
    assert beside(known, loaded(Verdict.FAIL, findings=(longer,))).exit_code == ExitCode.FAILED
    gone = beside(known, loaded(Verdict.PASS, endpoints=(), findings=()))
    assert [(r.endpoint, r.exit_code) for r in gone.reasons] == [
        ("POST /orders", ExitCode.NOT_MEASURED)
    ]
    assert beside(known, loaded(Verdict.INCONCLUSIVE)).exit_code == ExitCode.NOT_MEASURED


def test_a_threshold_that_was_broken_before_is_known_and_an_unmeasured_one_is_not():
    """The same limit of the same figure; what was not measured never passes."""
    slow = LoadThreshold("POST /orders", "p95", 0.3, 0.9, Verdict.FAIL)
    broken = loaded(Verdict.FAIL, findings=(), thresholds=(slow,))
    kept = loaded(Verdict.PASS, findings=(), thresholds=(replace(slow, verdict=Verdict.PASS),))
    assert beside(broken, broken).exit_code == ExitCode.OK
    assert beside(kept, broken).exit_code == ExitCode.FAILED
    lost = loaded(Verdict.FAIL, findings=(), thresholds=(replace(slow, value=None),))
    assert beside(broken, lost).exit_code == ExitCode.FAILED


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


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_name_is_broken_over_two_lines(width):
    """It stands whole beside or above its figures, or loses its beginning; nothing is wider."""
    name = "GET /v1/organisations/{organisation_id}/members/{member_id}"
    line = replace(HELD, file="app/integrations/warehouse/client.py", victims={name: 3})
    made = loaded(Verdict.FAIL, endpoints=(replace(ORDERS, name=name),), findings=(line,))
    lines = render(made, width=width).splitlines()
    assert max(map(len, lines)) <= width
    wanted = "/members/{member_id}" if width == 40 else name.split()[1]
    assert sum(line.rstrip().split("  ")[0].endswith(wanted) for line in lines) == 1
    assert any("warehouse/client.py:41" in line for line in lines)


def test_what_an_endpoint_lost_and_what_others_lost_by_it_stand_side_by_side():
    """With a sentence that says which is which; from outside neither is known, nor shown."""
    made = loaded(Verdict.FAIL, endpoints=(replace(ORDERS, lost_s=80.0, cost_s=3.0),))
    for told in (render(made, width=120), html(made)):
        words = " ".join(re.sub(r"<[^>]*>", " ", told).split())
        assert "it lost others lost" in words
        assert "80.00 s 3.00 s" in words
        assert "It lost: what requests of the endpoint lost while other" in words
    outside = replace(made, load=replace(made.load, server_workers=0))
    assert "it lost" not in render(outside, width=120).lower()
    assert "it lost" not in html(outside).lower()


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


def test_a_load_is_not_judged_again_by_another_limit():
    """What held the loop for less than its own limit is not kept: it says to make it again."""
    made = loaded(Verdict.FAIL)
    with pytest.raises(UsageError, match="cannot be judged again"):
        rejudge(made, replace(made.criterion, loop_limit_s=0.01))
