"""The bound that docs/reliability.md states, and how gate runs are counted there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from harness.model import Verdict

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def reliability():
    """Load the benchmark's own arithmetic, which is no module of the project."""
    spec = importlib.util.spec_from_file_location("reliability", BENCHMARKS / "reliability.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["reliability"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["reliability"]


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
    passes, fails = Verdict.PASS, Verdict.FAIL
    judged = [
        ("right", passes, passes, True),
        ("line", fails, fails, False),
        ("alarm", passes, fails, False),
        ("miss", fails, passes, False),
        ("error", passes, Verdict.ERROR, False),
        ("promised", Verdict.ERROR, Verdict.ERROR, True),
        ("open", fails, Verdict.INCONCLUSIVE, False),
    ]
    told = reliability.gate_run("corpus", 1, judged)
    assert told["endpoints"] == 7
    run = reliability.GateRun(at="2026-01-01", code="c", machine="m", took_s=3600.0, **told)
    assert run.false
    assert (run.false_failures, run.false_passes, run.errors) == (("alarm",), ("miss",), ("error",))
    assert (run.inconclusive, run.otherwise) == (("open",), ("line",))
    page = reliability.page([run])
    assert "| corpus | one core busy | 1 | 1 | 100.0% | 7 | 1 | 1 | 1 |" in page
    assert "| 1 (14.3%) | 1 |" in page
    assert "- corpus, one core busy: false failure of alarm" in page
