"""The reference app as a whole: the same verdicts in any order, and every blocking line named."""

from __future__ import annotations

import json

import pytest
from needs import absent
from stage_end_to_end import GATE_WITHIN_S, PROJECT, PROMISED

from neverblock.errors import ExitCode
from target_app import pairs

pytestmark = pytest.mark.timeout(GATE_WITHIN_S + 30)

ONE_BY_ONE = ("sleep", "file")
BLOCKING_CALLS = {
    "cpu": ("place(", "while free"),  # a thread is seen where it may give the GIL away
    "dependency": ("_opener.open",),
    "file": ("open(",),
    "hash": ("sha256(",),
    "http": ("requests.get",),
    "image": (".save(",),
    "mysql": (".execute(",),
    "postgres": (".execute(",),
    "redis": (".blpop(",),
    "sleep": ("time.sleep",),
    "sqlalchemy": (".execute(",),
    "subprocess": ("subprocess.run",),
}
"""What stands on the line that holds the loop, by pair; `executor` holds none."""


def under_gather(results):
    """Give the results under the gather scenario, by the names of their endpoints."""
    return {r["endpoint"]["name"]: r for r in results if r["scenario"]["name"] == "gather"}


def test_side_by_side_and_one_by_one_come_to_the_same(gate, neverblock):
    """Pairs that only wait do not disturb each other."""
    run = ("run", *ONE_BY_ONE, "--quick", "--scenario", "gather", "--one-by-one", "--json", "-")
    said = neverblock(*run)
    assert said.returncode == ExitCode.OK, said.stderr + said.stdout[:2000]
    alone = under_gather(json.loads(said.stdout)["results"])
    together = under_gather(gate.saved["results"])
    assert len(alone) == 2 * len(ONE_BY_ONE)
    for name, result in alone.items():
        for part in ("verdict", "diagnosis", "checks"):
            assert together[name][part] == result[part], name


@pytest.fixture(scope="module")
def bad(gate):
    """Give the results of the bad variants under the gather scenario, by pair."""
    return {
        result["endpoint"]["pair"]: result
        for result in under_gather(gate.saved["results"]).values()
        if result["endpoint"]["variant"] == "bad"
    }


def test_the_gate_passes(gate):
    """Every variant of every pair keeps its promise under each scenario, or misses a service."""
    assert gate.said.returncode == ExitCode.OK, gate.said.stderr + gate.said.stdout
    found = gate.saved["results"]
    assert {(r["endpoint"]["name"], r["scenario"]["name"]) for r in found} == PROMISED
    assert {result["verdict"] for result in found} <= {"pass", "fail", "skipped"}


def test_every_bad_variant_is_measured(bad):
    """None of them is left out, and each of them fails or says what it misses."""
    assert set(bad) == set(pairs.names()) == {*BLOCKING_CALLS, "executor"}
    assert {result["verdict"] for result in bad.values()} <= {"fail", "skipped"}


@pytest.mark.parametrize("pair", BLOCKING_CALLS)
def test_the_line_that_holds_the_loop_is_named(bad, pair):
    """Of the app and of no library, with the blocking call on it, and with what to use instead."""
    result = bad[pair]
    if result["verdict"] == "skipped":
        absent(result["reason"])
    assert result["as_expected"], result["reason"]
    worst = result["blame"][0]
    assert worst["file"].startswith("target_app/")
    calls = BLOCKING_CALLS[pair]
    lines = (PROJECT / worst["file"]).read_text().splitlines()
    assert worst["source"][worst["line"] - worst["source_line"]] == lines[worst["line"] - 1]
    assert any(call in lines[worst["line"] - 1] for call in calls)
    assert worst["advice"]["instead"]
    assert worst["advice"]["code"]


def test_threads_that_run_out_are_nobodys_line(bad):
    """The loop is free: what is told instead is which pool ran out."""
    assert bad["executor"]["as_expected"], bad["executor"]["reason"]
    assert bad["executor"]["blame"] == []
    assert "default executor" in bad["executor"]["reason"]
