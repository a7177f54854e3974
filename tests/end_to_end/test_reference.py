"""The reference app as a whole: the same verdicts in any order, and every blocking line named."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from needs import absent
from stage_end_to_end import PROJECT, command

from neverblock.errors import ExitCode
from target_app import pairs

GATE_WITHIN_S = 420
"""Both bursts at the quick scale take two minutes on two quiet cores, and a few on busy ones."""

pytestmark = pytest.mark.timeout(GATE_WITHIN_S + 30)

WAITING = ("sleep", "dependency", "file", "subprocess")
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


def results(said):
    """Give the results of a run that went well, by the names of their endpoints."""
    assert said.returncode == ExitCode.OK, said.stderr + said.stdout[:2000]
    return {result["endpoint"]["name"]: result for result in json.loads(said.stdout)["results"]}


def test_side_by_side_and_one_by_one_come_to_the_same(neverblock):
    """Pairs that only wait do not disturb each other."""
    run = ("run", *WAITING, "--scale", "0.2", "--scenario", "gather", "--json", "-")
    together, alone = results(neverblock(*run)), results(neverblock(*run, "--one-by-one"))
    told = [
        {name: (r["verdict"], r["diagnosis"], r["checks"]) for name, r in found.items()}
        for found in (together, alone)
    ]
    assert len(told[0]) == 2 * len(WAITING)
    assert told[0] == told[1]


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    """Run the gate as `make gate` does, under both bursts: every variant of every pair."""
    return subprocess.run(
        [
            *command("run", "--quick", "--scenario", "gather", "--scenario", "burst"),
            *("--json", "-", "--reports", str(tmp_path_factory.mktemp("gate"))),
        ],
        cwd=PROJECT,
        env={**os.environ, "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=GATE_WITHIN_S,
        check=False,
    )


@pytest.fixture(scope="module")
def bad(gate):
    """Give the results of the bad variants under the gather scenario, by pair."""
    assert gate.stdout, gate.stderr
    return {
        result["endpoint"]["pair"]: result
        for result in json.loads(gate.stdout)["results"]
        if (result["endpoint"]["variant"], result["scenario"]["name"]) == ("bad", "gather")
    }


def test_the_gate_passes(gate):
    """Every variant of every pair keeps its promise under both bursts, or misses a service."""
    assert gate.returncode == ExitCode.OK, gate.stderr
    found = json.loads(gate.stdout)["results"]
    variants = {f"{pair.name}/{variant}" for pair in pairs.catalog() for variant in pair.variants}
    assert {(result["endpoint"]["name"], result["scenario"]["name"]) for result in found} == {
        (name, scenario) for name in variants for scenario in ("gather", "burst")
    }
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
