"""The page on planted limits: rows are written into their tables, and the rest of it stays."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import limits  # noqa: E402 - a folder of benchmarks is no package
import reference_capacity  # noqa: E402 - as above

FOUND = {
    "limit": "loop-waiting",
    "ceiling_per_s": 9.6,
    "low_per_s": 9.4,
    "high_per_s": 9.7,
    "predicted_per_s": 10.0,
    "predicted_limit": "loop-waiting",
    "solo_s": 0.1,
    "levels": [{"n": 1, "rate_per_s": 9.6, "p50_s": 0.104}],
}


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Have both write into a copy of the page."""
    copy = tmp_path / "limits.md"
    copy.write_text((ROOT / "docs" / "limits.md").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(limits, "PAGE", copy)
    monkeypatch.setattr(reference_capacity, "PAGE", copy)
    return copy


def test_a_limit_that_was_measured_again_replaces_its_row_alone(page):
    """Every other row and all that is around the table stay as they were."""
    before = page.read_text("utf-8").splitlines()
    limits.write_rows({"lock": "| lock | measured again |\n"})
    after = page.read_text("utf-8").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [new for _, new in changed] == ["| lock | measured again |"]
    assert changed[0][0].startswith("| lock | lock |")


def test_the_table_of_the_reference_app_has_its_own_place(page):
    """A row is replaced alone, however often it is written, and the planted limits keep theirs."""
    before = page.read_text("utf-8").splitlines()
    row = reference_capacity.row("sleep/bad", FOUND)
    for _ in range(2):
        reference_capacity.write([row])
        after = page.read_text("utf-8").splitlines()
        changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        assert [new for _, new in changed if new.startswith("| sleep/bad")] == [row.strip()]
    assert sum(line.startswith("| sleep/") for line in after) == 2
    assert any(line.startswith("| lock | lock |") for line in after)


NOT_PREDICTED = {"predicted_per_s": None, "predicted_limit": None, "solo_s": None}
UNREACHED = {"ceiling_per_s": None, "limit": "generator"}
NAMED = ["loop-waiting"]


@pytest.mark.parametrize(
    ("found", "cells"),
    [
        (FOUND, ["10", *NAMED, "9.6", "9.4 to 9.7", *NAMED, "0.96", "100, 104"]),
        (FOUND | NOT_PREDICTED, ["", "", "9.6", "9.4 to 9.7", *NAMED, "", ""]),
        (FOUND | UNREACHED, ["10", *NAMED, "over 9.6", "", "generator", "", "100, 104"]),
        (None, ["", "", "", "", "not measured", "", ""]),
    ],
)
def test_a_ratio_needs_both_a_prediction_and_a_ceiling(found, cells):
    """What was not measured is absent, and no ratio is made of it."""
    shown = reference_capacity.row("pair/variant", found)
    assert [cell.strip() for cell in shown.strip().strip("|").split("|")] == [
        "pair/variant",
        *cells,
    ]
