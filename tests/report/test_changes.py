from __future__ import annotations

from dataclasses import replace

import pytest
from canned import HOSTILE, canned_run

from neverblock.gate.changes import compared_run
from neverblock.gate.compare import Change, compare
from neverblock.report import create_renderer
from neverblock.report.changes import changed, since_baseline
from neverblock.report.text import render
from neverblock.storage import run_file


def bettered(result):
    """Give a result whose loop was held for a far smaller share than before."""
    loop = replace(result.measurement.loop, held=0.2)
    return replace(result, measurement=replace(result.measurement, loop=loop))


def compared():
    """Compare two runs in which `sleep/good` begins to block, `sleep/bad` is fixed, and so on."""
    run = canned_run()
    bad, good, slow, other, last, *_ = run.results
    swap = lambda one, by: replace(one, judgement=by.judgement, blame=by.blame)  # noqa: E731 - short
    head = replace(
        run,
        started_at="2026-01-31T12:00:00Z",
        results=(swap(bad, good), swap(good, bad), bettered(slow), last),
    )
    base = replace(run, results=(bad, good, slow, other, last))
    return compared_run(head, compare(base, head))


SAID = {
    "sleep/good": Change.NEWLY_BLOCKING,
    "sleep/bad": Change.FIXED,
    "hash/bad": Change.BETTER,
    "hash/good": Change.GONE,
}


def test_what_became_of_each_is_in_the_run():
    """In the comparison's own words, the worst first; what is the same is counted."""
    run = compared()
    assert {each.name: change for change, each in changed(run)} == SAID
    assert next(iter(changed(run)))[1].now == "fail blocking-io"
    assert since_baseline(run) == (
        "Since the baseline of 2026-01-30T12:00:00Z: 1 newly-blocking, 1 gone, 1 better, 1 fixed, "
        "1 same."
    )


@pytest.mark.parametrize("name", ["text", "html", "markdown"])
def test_text_page_and_comment_say_what_changed(name):
    """Each change with its word and its endpoint; nothing where there is no baseline."""
    told = render(compared(), width=200) if name == "text" else create_renderer(name)(compared())
    plain = told.replace("&#45;", "-").replace("<wbr>", "")
    assert "Since the baseline" in plain
    for endpoint, change in SAID.items():
        assert any(str(change) in line and endpoint in line for line in plain.splitlines()), change
    assert "Since the baseline" not in create_renderer(name)(canned_run())


def test_changes_are_saved_with_the_run(tmp_path):
    """So that a report of the saved run says them again."""
    run = compared()
    run_file.save(run, tmp_path)
    assert run_file.load(tmp_path).changes == run.changes


@pytest.mark.parametrize("name", ["text", "html", "markdown"])
def test_a_hostile_name_that_changed_stays_text(name):
    """It is escaped here as everywhere."""
    run = canned_run()
    base = replace(run, results=run.results[:-1])
    told = create_renderer(name)(compared_run(run, compare(base, run)))
    assert HOSTILE not in told
    assert "new" in told
