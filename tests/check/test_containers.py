"""Places that containers have: verdicts in each, or a sentence that says what to change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from checking import APPS, marked
from containers import (
    empty_environment,
    first,
    nobody,
    read_only,
    small_memory,
    unreaped,
    without_system_calls,
)

from neverblock.errors import ExitCode
from neverblock.probe.tier import LINUX, PORTABLE


@pytest.fixture
def project(tmp_path):
    """Give a folder with the app, and one for what is written."""
    shutil.copy(APPS / "contained.py", tmp_path / "main.py")
    (tmp_path / "out").mkdir()
    return tmp_path


def check(place, project, *arguments, **env):
    """Check one endpoint there; give how the command ended, and the run if there is one."""
    environ = {**os.environ, "PYTHONPATH": str(place.source), **(place.env or {}), **env}
    command = [sys.executable, "-m", "neverblock", "check", "main:app", "--quick"]
    done = subprocess.run(
        [*place.prefix, *command, *arguments],
        cwd=project,
        env={name: value for name, value in environ.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    file = project / "out" / "run.json"
    return done, json.loads(file.read_text()) if file.exists() else None


OUT = ("--reports", "out/reports", "--json", "out/run.json")
AT_OUT = tuple(name.replace("out/", "/out/") for name in OUT)


@pytest.mark.parametrize("make", [nobody, unreaped, first, empty_environment])
def test_a_block_is_found_there(make, project):
    """With its line, whatever the place lacks."""
    done, run = check(make(project), project, "-k", "blocks", *OUT)
    assert done.returncode == ExitCode.FAILED, done.stderr
    (result,) = run["results"]
    assert result["diagnosis"] == "blocking-io", done.stdout
    assert result["blame"][0]["line"] == marked("contained", "blocks")
    assert run["environment"]["tier"] == LINUX


def test_without_system_calls_there_is_a_verdict_or_a_sentence(project):
    """What the probe can tell there is right, or does not count; and how much it saw is noted."""
    done, run = check(without_system_calls(project), project, "-k", "blocks", *OUT)
    (result,) = run["results"]
    assert run["environment"]["tier"] == PORTABLE
    if done.returncode == ExitCode.NOT_MEASURED:
        assert result["reason"].startswith("The probe failed its positive control: ")
    else:
        assert result["diagnosis"] == "blocking-io", done.stdout


def test_a_read_only_place_without_tmp_needs_one_folder(project):
    """TMPDIR names it, and the runs go there as well."""
    (project / "out" / "tmp").mkdir()
    done, run = check(read_only(project), project, "-k", "blocks", *AT_OUT, TMPDIR="/out/tmp")
    assert done.returncode == ExitCode.FAILED, done.stderr
    assert [one["diagnosis"] for one in run["results"]] == ["blocking-io"]
    assert list((project / "out" / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "env", "said"),
    [
        (AT_OUT, {}, "TMPDIR"),
        ((), {"TMPDIR": "/out"}, "--reports"),
    ],
    ids=["no folder for temporary files", "no folder for the runs"],
)
def test_a_read_only_place_says_what_it_lacks(project, arguments, env, said):
    """In a sentence, with what to set."""
    done, run = check(read_only(project), project, *arguments, **{"TMPDIR": None, **env})
    assert done.returncode == ExitCode.USAGE, done.stderr
    assert run is None
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pool_of_processes_needs_little_shared_memory(project):
    """64 MB, as Docker gives, are enough."""
    done, run = check(small_memory(project), project, "-k", "process", *OUT)
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert [one["verdict"] for one in run["results"]] == ["pass"]
