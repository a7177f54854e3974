from __future__ import annotations

from dataclasses import replace

from canned import BURST, EPOCH_S, GATHER, canned_run, crowd, lessons

from neverblock.model import CheckState, Diagnosis, Verdict
from neverblock.report import rows, summary
from neverblock.report.anchors import anchors
from neverblock.report.svg import Inliner


def table_of(*results):
    """Lay these results out."""
    run = replace(canned_run(), results=results)
    groups = summary.grouped(run.results)
    return rows.table(run, groups, anchors(groups), Inliner())


def test_an_endpoint_has_one_line_for_all_its_scenarios():
    """What both engines and the crowd found stands side by side."""
    table = table_of(*lessons(GATHER, EPOCH_S), *lessons(BURST, EPOCH_S), crowd("bad", EPOCH_S))
    assert [group.name for group in table.groups] == ["sleep", "hash"]
    assert (table.bursts, table.crowds) == (["gather", "burst"], ["crowd"])
    line = table.groups[0].lines[0]
    assert line.name == "sleep/bad"
    assert line.judgements == [(Verdict.FAIL, "blocking-io", "")]
    assert len(line.walls) == 2
    assert line.rates == ["1.0/s"]
    assert line.link == "sleep.bad.gather"


def test_scenarios_that_disagree_are_named():
    """Two verdicts of one endpoint are both told, each with who says so; the worst one sorts."""
    bad = lessons(GATHER, EPOCH_S)[0]
    calm = replace(bad.judgement, verdict=Verdict.PASS, diagnosis=Diagnosis.CONCURRENT)
    line = table_of(bad, replace(bad, scenario=BURST, judgement=calm)).groups[0].lines[0]
    assert line.judgements == [
        (Verdict.FAIL, "blocking-io", "gather"),
        (Verdict.PASS, "concurrent", "burst"),
    ]
    assert line.verdict is Verdict.FAIL
    assert line.keys == "blocking-io concurrent fail pass"


def test_a_check_that_saw_it_once_saw_it():
    """Over the scenarios, a failed check counts before one that passed or is blind."""
    bad = lessons(GATHER, EPOCH_S)[0]
    blind = replace(bad.judgement.checks, document=CheckState.BLIND, loop=CheckState.PASS)
    other = replace(bad, scenario=BURST, judgement=replace(bad.judgement, checks=blind))
    line = table_of(other, bad).groups[0].lines[0]
    assert set(line.checks.values()) == {CheckState.FAIL}


def test_the_counts_are_what_a_filter_finds():
    """Endpoints are counted by verdict, not results: a filter shows as many lines."""
    table = table_of(*canned_run().results)
    lines = [line for group in table.groups for line in group.lines]
    assert table.counts == {
        verdict: sum(verdict.value in line.keys.split() for line in lines)
        for verdict in Verdict
        if any(verdict.value in line.keys.split() for line in lines)
    }
    assert set(table.counts) == set(Verdict)


def test_nothing_measured_gives_rows_without_figures():
    """A run in which all was skipped has its lines, and no axis."""
    skipped = next(r for r in canned_run().results if r.judgement.verdict is Verdict.SKIPPED)
    table = table_of(skipped)
    assert table.ruler is None
    assert table.groups[0].lines[0].wall_chart is None
