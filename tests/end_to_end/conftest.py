"""Runs of the machinery on small apps of this folder, and of the command as a user types it."""

from __future__ import annotations

import asyncio
import os
import subprocess

import pytest
from in_process import say
from stage_end_to_end import GATE_WITHIN_S, PROJECT, Done, command, leftovers, reports

from neverblock.reference.runner import run_plan
from neverblock.run.log import Watcher


@pytest.fixture
def measured():
    """Measure a plan; gives the last run that was handed on."""
    runs = []

    def go(wanted):
        watcher = Watcher(lambda _: None, lambda *_: None, runs.append)
        try:
            asyncio.run(run_plan(wanted, {}, watcher))
        finally:
            assert not leftovers()
        return runs[-1]

    return go


@pytest.fixture
def neverblock(tmp_path):
    """Run the command in the project's folder, with reports in a folder of the test's own."""

    def run(*arguments, **env):
        return subprocess.run(
            [*command(*arguments), *reports(arguments, tmp_path)],
            cwd=PROJECT,
            env={**os.environ, "COLUMNS": "200", "TERM": "dumb", **env},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    return run


@pytest.fixture
def in_process(tmp_path):
    """Run the command as `neverblock` does, but in this process: for what fires nothing."""

    def run(name, *arguments, **env):
        asked = (name, *reports((name,), tmp_path), *arguments)
        return say(*asked, folder=PROJECT, COLUMNS="200", **env)

    return run


@pytest.fixture(scope="session")
def gate(tmp_path_factory):
    """Run the reference app as `make benchmark` does, at the quick scale."""
    folder = tmp_path_factory.mktemp("gate")
    said = subprocess.run(
        command("run", "--quick", "--reports", folder),
        cwd=PROJECT,
        env={**os.environ, "COLUMNS": "200", "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=GATE_WITHIN_S,
        check=False,
    )
    return Done(folder, said)
