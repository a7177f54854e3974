"""What ``--suspects`` is given: files of several analysers, standard input, or ruff run now."""

from __future__ import annotations

import io
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from neverblock.cli.suspects import suspects_of
from neverblock.errors import UsageError
from neverblock.plan import Target
from neverblock.target.interpreter import own_interpreter

APP = "import time\n\n\nasync def slow():\n    time.sleep(1)\n    time.sleep(2)  # noqa: ASYNC251\n"


@pytest.fixture
def target(tmp_path, monkeypatch):
    """Give an app of a file whose one line blocks, and another that the project has excused."""
    (tmp_path / "shop.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    return Target("shop:app", tmp_path)


def complaints(line, code="ASYNC251"):
    """Give ruff's JSON with one complaint."""
    location = {"row": line, "column": 5}
    one = {"filename": "shop.py", "code": code, "location": location, "message": "no"}
    return json.dumps([one])


def found(target, *given):
    """Give line and source of every suspect."""
    return [(each.line, each.source) for each in suspects_of(given, target)]


def test_several_are_read_in_turn(target, tmp_path):
    """One after another; what two say in the same words is one suspect."""
    (tmp_path / "one.json").write_text(complaints(5))
    (tmp_path / "other.json").write_text(complaints(6))
    given = ("one.json", "other.json", "one.json")
    assert found(target, *given) == [(5, "ruff"), (6, "ruff")]
    (suspect, _) = suspects_of(given, target)
    assert suspect.file == str((tmp_path / "shop.py").resolve())


def test_standard_input_is_one_of_them(target, monkeypatch):
    """So that an analyser's output need not be a file."""
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(complaints(5).encode())))
    assert found(target, "-") == [(5, "ruff")]


def test_auto_runs_the_projects_ruff(target, tmp_path):
    """With the project's own settings and excuses, and the rules for calls that block."""
    assert found(target, "auto") == [(5, "ruff")]
    (tmp_path / "ruff.toml").write_text('extend-exclude = ["shop.py"]\n')
    assert found(target, "auto") == []


def test_the_ruff_of_the_apps_own_environment_comes_first(target, tmp_path):
    """It is the one whose version the project has chosen."""
    own = tmp_path / "env" / "bin"
    own.mkdir(parents=True)
    (own / "ruff").write_text(f"#!/bin/sh\necho '{complaints(6)}'\n")
    (own / "ruff").chmod(0o755)
    python = replace(own_interpreter(), path=str(own / "python"))
    assert found(replace(target, python=python), "auto") == [(6, "ruff")]


@pytest.mark.parametrize(
    ("settings", "said"), [("line-length = 'wide'\n", "ruff failed"), (None, "there is none")]
)
def test_auto_without_a_ruff_that_works_is_refused(target, tmp_path, monkeypatch, settings, said):
    """With what to do; nothing is measured without the suspects that were asked for."""
    if settings is not None:
        (tmp_path / "ruff.toml").write_text(settings)
    else:
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=said) as refused:
        suspects_of(["auto"], target)
    assert refused.value.hint


def test_ruff_is_there_where_these_tests_run():
    """What the tests above stand on."""
    assert shutil.which("ruff", path=str(Path(sys.executable).parent))
