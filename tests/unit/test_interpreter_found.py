"""Which Python is taken, and which are refused."""

from __future__ import annotations

import ast
import json
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest
from in_process import say

from neverblock.cli.interpreter import line_of
from neverblock.config import config_of
from neverblock.errors import ExitCode, UsageError
from neverblock.target.interpreter import ASK, OLDEST_WITHOUT_GIL, find_interpreter
from neverblock.target.lent import needed

ONE = {"version": "3.12.4", "implementation": "CPython", "packages": {}, "free_threaded": False}


def stand_in(path, **said):
    """Write a program that says of itself what a Python would say."""
    path.parent.mkdir(parents=True, exist_ok=True)
    answer = json.dumps({**ONE, "path": str(path), **said})
    path.write_text(f"#!/bin/sh\necho 'what sitecustomize prints'\necho '{answer}'\n")
    path.chmod(0o755)
    return path


def found(folder, environ=None, **named):
    """Give the path that was taken, and why."""
    python = find_interpreter(folder, environ or {}, **named)
    return Path(python.path), python.why


def test_the_nearest_word_counts(tmp_path):
    """The command line, then the project's file, an active environment, .venv, and our own."""
    app_dir = tmp_path / "project" / "src"
    app_dir.mkdir(parents=True)
    assert found(app_dir)[0] == Path(sys.executable)
    venv = stand_in(tmp_path / "project" / ".venv" / "bin" / "python")
    assert found(app_dir) == (venv, "found in the project")
    active = stand_in(tmp_path / "active" / "bin" / "python")
    environ = {"VIRTUAL_ENV": str(tmp_path / "active")}
    assert found(app_dir, environ) == (active, "the active environment")
    setting = stand_in(tmp_path / "setting" / "bin" / "python")
    by_folder = {"setting": str(tmp_path / "setting")}
    assert found(app_dir, environ, **by_folder) == (setting, "named by [tool.neverblock]")
    option = stand_in(tmp_path / "python-of-mine")
    assert found(app_dir, environ, option=str(option), **by_folder) == (option, "named by --python")


def test_an_environment_whose_python_is_gone_is_told(tmp_path):
    """Its link leads nowhere: another Python would not have the app's packages."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(tmp_path / "removed")
    with pytest.raises(UsageError, match=r"\.venv/bin/python' .* No such file"):
        find_interpreter(tmp_path, {})


def test_a_folder_that_is_not_there_has_no_environment(tmp_path):
    """What is wrong with it is told where the app is imported."""
    assert found(tmp_path / "none" / "at all")[0] == Path(sys.executable)


def test_our_own_environment_may_be_the_active_one(tmp_path):
    """It is not asked what is known."""
    python, why = found(tmp_path, {"VIRTUAL_ENV": sys.prefix})
    assert (python, why) == (Path(sys.executable), "the active environment")


def test_an_active_environment_without_a_python_is_told(tmp_path):
    """Whoever removed it sees why another one was taken."""
    _, why = found(tmp_path, {"VIRTUAL_ENV": "/no/such/environment"})
    assert "VIRTUAL_ENV names '/no/such/environment', which has no Python" in why


def test_what_anybody_may_write_is_no_project(tmp_path):
    """An environment that was put into /tmp is not run for the sake of what lies beneath."""
    open_to_all = tmp_path / "open"
    (open_to_all / "project").mkdir(parents=True)
    stand_in(open_to_all / ".venv" / "bin" / "python")
    open_to_all.chmod(0o1777)
    assert found(open_to_all / "project")[0] == Path(sys.executable)
    assert found(open_to_all)[1] == "found in the project"


def test_a_setting_is_relative_to_its_file(tmp_path):
    """A path is; the name of a command is looked up."""
    file = tmp_path / "pyproject.toml"
    assert config_of({"python": "env/bin/python"}, file, {}).python == f"{tmp_path}/env/bin/python"
    assert config_of({"python": "python3.12"}, file, {}).python == "python3.12"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"version": "3.8.18"}, "is CPython 3.8.18, and the probe needs Python 3.11 or later."),
        ({"version": "2.7.18"}, "is CPython 2.7.18, and the probe needs Python 3.11 or later."),
        (
            {"implementation": "PyPy", "version": "3.11.13"},
            "is PyPy 3.11.13, and the probe can watch CPython alone.",
        ),
        (
            {"version": "3.13.0", "free_threaded": True},
            "is CPython 3.13.0 without a GIL, and the probe needs Python 3.14 or later there.",
        ),
    ],
)
def test_what_the_probe_cannot_run_in_is_refused_before_anything_else(tmp_path, said, complaint):
    """In a sentence, with what to type; no run is begun for it."""
    stand_in(tmp_path / "python", **said)
    done = say("check", "main:app", "--python", "./python", folder=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert complaint in done.stderr
    assert "--python PATH" in done.stderr
    assert not (tmp_path / "reports").exists()


def test_what_is_no_python_is_told(tmp_path):
    """A file that is missing, that does something else, or that cannot be run."""
    text = tmp_path / "text"
    text.touch(mode=0o644)
    for name, complaint in (
        ("none", "There is no Python at"),
        ("/bin/true", "does not say its version"),
        (f"{text}", "Permission denied"),
    ):
        with pytest.raises(UsageError, match=complaint) as error:
            find_interpreter(tmp_path, {}, option=name)
        assert name in error.value.what


def test_an_old_python_can_say_how_old_it_is():
    """The question is in the words of the oldest Python that is still about."""
    assert ast.parse(ASK, feature_version=(3, 4))


def test_the_line_says_what_serves(tmp_path):
    """The version, the place, why it was taken, and whose uvicorn there is."""
    stand_in(tmp_path / "python", packages={"uvicorn": "0.22.0"})
    python = find_interpreter(tmp_path, {}, option=str(tmp_path / "python"))
    whole = f"Python 3.12.4 of {tmp_path}/python (named by --python); the app is served "
    whole += "by the uvicorn 0.22.0 that is installed there."
    assert line_of(python) == whole
    stand_in(tmp_path / "python", version="3.14.0", free_threaded=True)
    python = find_interpreter(tmp_path, {}, option=str(tmp_path / "python"))
    assert "3.14.0, without a GIL, of" in line_of(python)
    assert f"so neverblock's {version('uvicorn')} serves the app" in line_of(python)


@pytest.mark.parametrize("package", ["uvicorn", "httpx"])
def test_what_is_lent_runs_in_any_python(package):
    """It is all that the package needs, and nothing in it is compiled for one Python."""
    names = needed(package)
    assert {"h11", package} <= names
    for name in names:
        spec = find_spec(name)
        folder = Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)
        assert list(folder.rglob("*.so")) == []


def test_a_real_python_that_runs_without_its_gil_says_so(tmp_path):
    """It is asked of the process and not of the build, as PYTHON_GIL=1 turns the GIL on."""
    hook = "import sys\nsys._is_gil_enabled = lambda: False\n"
    (tmp_path / "sitecustomize.py").write_text(hook)
    environ = {"PYTHONPATH": str(tmp_path)}
    if sys.version_info >= OLDEST_WITHOUT_GIL:
        assert find_interpreter(tmp_path, environ, option=sys.executable).free_threaded
    else:
        with pytest.raises(UsageError, match="without a GIL, and the probe needs Python 3"):
            find_interpreter(tmp_path, environ, option=sys.executable)
    assert not find_interpreter(tmp_path, {}, option=sys.executable).free_threaded
