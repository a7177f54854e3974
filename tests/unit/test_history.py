from __future__ import annotations

import os
from dataclasses import replace

import pytest
from canned import canned_run

from neverblock.errors import StoreError
from neverblock.model import Verdict
from neverblock.storage import run_file, run_folders
from neverblock.storage.history import RunHistory, trends


def saved(root, name, **changes):
    """Save the canned run under a name, and give it."""
    run = replace(canned_run(), **changes)
    (root / name).mkdir()
    run_file.save(run, root / name)
    return run


def test_runs_are_listed_newest_first(tmp_path):
    """By when they began, whatever their folders are called; `latest` is no run of its own."""
    saved(tmp_path, "a", started_at="2026-01-02T00:00:00Z")
    saved(tmp_path, "b", started_at="2026-01-03T00:00:00Z")
    saved(tmp_path, "c", started_at="2026-01-01T00:00:00Z")
    run_folders.point_latest(tmp_path / "b")
    assert list(RunHistory(tmp_path).runs()) == ["b", "a", "c"]


def test_a_damaged_run_says_so_and_hides_no_other(tmp_path):
    """What cannot be read stands in the list, with the reason."""
    saved(tmp_path, "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / run_file.RUN_FILE).write_text("{", encoding="utf-8")
    runs = RunHistory(tmp_path).runs()
    assert isinstance(runs["bad"], StoreError)
    assert runs["good"] == canned_run()


def test_there_may_be_no_folder_yet(tmp_path):
    """A folder that is not there has no runs."""
    assert RunHistory(tmp_path / "absent").runs() == {}


def test_a_run_is_read_again_only_when_it_has_changed(tmp_path):
    """The same value comes back until the file is another; a run that has gone is forgotten."""
    saved(tmp_path, "a")
    history = RunHistory(tmp_path)
    first = history.runs()["a"]
    assert history.runs()["a"] is first
    run_file.save(replace(canned_run(), scale=0.5), tmp_path / "a")
    os.utime(tmp_path / "a" / run_file.RUN_FILE, ns=(1, 1))
    assert history.runs()["a"].scale == 0.5
    (tmp_path / "a" / run_file.RUN_FILE).unlink()
    assert history.runs() == {}


def test_an_endpoint_is_followed_from_run_to_run():
    """Oldest first, under one scenario, with the wall over its serial bound."""
    run = canned_run()
    good = run.results[1]
    fixed = replace(run.results[0], measurement=good.measurement, judgement=good.judgement)
    newer = replace(run, results=(fixed,))
    trend = trends([("new", newer), ("old", run)])[0]
    assert (trend.target, trend.endpoint, trend.scenario) == (run.target, "sleep/bad", "gather")
    assert [(p.run, p.verdict) for p in trend.points] == [
        ("old", Verdict.FAIL),
        ("new", Verdict.PASS),
    ]
    assert [p.share for p in trend.points] == pytest.approx([1.0, 0.1], abs=0.01)


def test_targets_are_not_mixed():
    """Two apps with an endpoint of the same name have a trend each."""
    run = canned_run()
    other = replace(run, target="other:app")
    found = trends([("b", other), ("a", run)])
    assert len([t for t in found if t.endpoint == "sleep/bad"]) == 2


def test_what_was_not_measured_has_no_figures():
    """A skipped result is a point without a figure."""
    skipped = next(r for r in canned_run().results if r.measurement is None)
    trend = trends([("a", replace(canned_run(), results=(skipped,)))])[0]
    assert (trend.points[0].share, trend.points[0].others_waited_s) == (None, None)
