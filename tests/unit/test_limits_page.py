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
    "levels": [{"rate_per_s": 9.6}],
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
    """It is written twice with the same outcome, and the planted limits keep theirs."""
    row = reference_capacity.row("sleep/bad", {"per_s": 10.0, "resource": "loop-waiting"}, FOUND)
    reference_capacity.write([row])
    once = page.read_text("utf-8")
    reference_capacity.write([row])
    assert page.read_text("utf-8") == once
    assert once.count(row) == 1
    assert "| lock | lock |" in once


@pytest.mark.parametrize(
    ("cap", "found", "cells"),
    [
        (None, FOUND, ["", "", "9.6", "9.4 to 9.7", "loop-waiting", ""]),
        (
            {"per_s": 10.0, "resource": "loop-waiting"},
            FOUND,
            ["10", "loop-waiting", "9.6", "9.4 to 9.7", "loop-waiting", "0.96"],
        ),
        (
            {"per_s": 500.0, "resource": "gil"},
            FOUND | {"ceiling_per_s": None, "limit": "generator"},
            ["500", "gil", "over 9.6", "", "generator", ""],
        ),
        ({"per_s": 500.0, "resource": "gil"}, None, ["500", "gil", "", "", "not measured", ""]),
    ],
)
def test_a_ratio_needs_both_a_prediction_and_a_ceiling(cap, found, cells):
    """What was not measured is absent, and no ratio is made of it."""
    shown = reference_capacity.row("pair/variant", cap, found)
    assert [cell.strip() for cell in shown.strip().strip("|").split("|")] == [
        "pair/variant",
        *cells,
    ]
