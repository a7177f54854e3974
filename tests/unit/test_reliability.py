"""The bound that docs/reliability.md states, and how gate runs are counted there."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def reliability():
    """Load the benchmark's own arithmetic, which is no module of the project."""
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module("reliability")
    sys.path.remove(str(BENCHMARKS))


@pytest.mark.parametrize(
    ("events", "trials", "bound"),
    [(0, 200, 0.01487), (0, 10, 0.2589), (1, 10, 0.3942), (5, 100, 0.1023), (3, 3, 1.0)],
)
def test_the_bound_is_clopper_and_pearsons(reliability, events, trials, bound):
    """As their tables have it; for none of n it is 1 - 0.05 ** (1 / n)."""
    assert reliability.upper_bound(events, trials) == pytest.approx(bound, abs=1e-4)
    if events == 0:
        assert reliability.upper_bound(0, trials) == pytest.approx(1 - 0.05 ** (1 / trials))


def test_a_gate_run_says_what_was_wrong_with_it(reliability):
    """Every kind has its place, and what is right has none."""
    from judged import Judged  # noqa: PLC0415 - found once the fixture has named its folder

    def one(name, true, found, *, line=None):
        return Judged(name, true, "", found, "", line, "because")

    judged = (
        one("right", "pass", "pass"),
        one("line", "fail", "fail", line=False),
        one("alarm", "pass", "fail"),
        one("miss", "fail", "pass"),
        one("error", "pass", "error"),
        one("promised", "error", "error"),
        one("open", "fail", "inconclusive"),
    )
    run = reliability.GateRun("2026-01-01", "c", "m", "corpus", 1, 3600.0, judged)
    assert run.false
    kinds = ("false_failure", "false_pass", "error", "inconclusive", "otherwise")
    names = (("alarm",), ("miss",), ("error",), ("open",), ("line",))
    assert tuple(run.named(kind) for kind in kinds) == names
    page = reliability.page([run], [[replace(run, code="before", judged=judged[:1])]])
    assert "| corpus | one core busy | 1 | 1 | 100.0% | 7 | 1 | 1 | 1 |" in page
    assert "| 1 (14.3%) | 1 |" in page
    assert "- corpus, one core busy: false failure of alarm" in page
    assert "| corpus | one core busy | 1 | 0 |" in page.partition("## Earlier code before")[2]
