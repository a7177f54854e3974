from __future__ import annotations

from dataclasses import replace

from canned import HOSTILE, canned_run

from neverblock.errors import StoreError
from neverblock.report.history import render
from neverblock.storage.history import trends


def page_of(**runs):
    """Give the page of these runs."""
    read = [(name, run) for name, run in runs.items() if not isinstance(run, StoreError)]
    return render(runs, trends(read), "reports")


def test_runs_are_listed_with_their_answers():
    """Each run has its link and its one sentence; one that cannot be read has its reason."""
    page = page_of(first=canned_run(), broken=StoreError("This is no run.", "Run again."))
    assert '<a href="/runs/first/">' in page
    assert "This is no run." in page
    assert "2 runs in reports" in page


def test_every_endpoint_has_a_trend():
    """A chart for each, in words too."""
    older = replace(canned_run(), started_at="2025-01-01T00:00:00Z")
    page = page_of(new=canned_run(), old=older)
    endpoints = {r.endpoint.name for r in canned_run().results}
    assert page.count("<svg") == len(endpoints)
    assert "old: fail, new: fail" in page


def test_an_empty_folder_says_what_to_type():
    """Without runs there is no list, but the next step."""
    page = page_of()
    assert "no runs in reports" in page
    assert "neverblock check" in page


def test_hostile_names_are_shown_as_text():
    """Targets, endpoints and folders are escaped here as well."""
    page = page_of(**{HOSTILE: replace(canned_run(), target=HOSTILE)})
    assert HOSTILE not in page
    assert page.lower().count("<script") == 1
