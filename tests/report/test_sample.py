from __future__ import annotations

import re

from sample import SAMPLE, trimmed

from neverblock.analysis.harm import contradicts
from neverblock.report.html import render
from neverblock.storage import run_file

EMBEDDED = re.compile(r"data:application/gzip;base64,[^\"]*")
MOST_BYTES = 1_000_000


def test_the_sample_is_what_the_renderer_makes_of_it():
    """The committed page is in step with the renderer.

    If not: neverblock report reports/sample --html reports/sample/index.html. The embedded run is
    left aside, since zlib packs differently from version to version.
    """
    made = render(run_file.load(SAMPLE))
    committed = (SAMPLE / "index.html").read_text(encoding="utf-8")
    assert EMBEDDED.sub("", committed) == EMBEDDED.sub("", made)


def test_the_sample_is_small_and_real():
    """A run of a few pairs by both engines, in which everything is as expected, under 1 MB."""
    run = run_file.load(SAMPLE)
    assert {r.scenario.name for r in run.results} == {"gather", "burst", "crowd"}
    assert {r.endpoint.pair for r in run.results} >= {"sleep", "http", "cpu"}
    assert all(r.as_expected for r in run.results)
    assert run == trimmed(run)
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < MOST_BYTES


def test_no_verdict_of_the_sample_contradicts_the_harm():
    """What is published calls no loop free that others waited for."""
    run = run_file.load(SAMPLE)
    said = [contradicts(result, result.criterion or run.criterion) for result in run.results]
    assert said == [None] * len(run.results)
