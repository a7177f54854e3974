"""The app in an environment of its own, the tool in another."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from checking import APPS, Checked, marked
from environments import bare, packages_of, pinned, version_of

from neverblock.config.login_hook import run_setup
from neverblock.plan import Target
from neverblock.target.interpreter import find_interpreter

VERDICTS = {"GET /free": "pass", "GET /blocks": "blocking-io"}
APART = {"VIRTUAL_ENV": ""}
"""No environment is active, as where the tool stands alone (uvx, pipx, uv tool)."""


@pytest.fixture(scope="module")
def pins():
    """Give the environment of an older app: fastapi 0.100, uvicorn 0.22, before 3.14 pydantic 1."""
    return pinned()


@pytest.fixture
def project(tmp_path):
    """Give a project's folder with an app; PYTHONPATH, by which tests may run, is not for it."""
    shutil.copy(APPS / "apart.py", tmp_path / "main.py")
    (tmp_path / "none.env").write_text("PYTHONPATH=\n")
    return tmp_path


def check(project, *arguments):
    """Check the app, and give the run and what the app saw of its environment."""
    checked = Checked(
        project, "main:app", "--quick", "--env-file", "none.env", *arguments, env=APART
    )
    assert checked.run is not None, checked.said.stderr
    assert checked.found == VERDICTS, checked.said.stdout
    blamed = checked.results["GET /blocks"]["blame"][0]
    assert (blamed["file"], blamed["line"]) == ("main.py", marked("apart", "blocks"))
    return checked, json.loads((project / "seen.json").read_text())


def test_an_older_app_is_checked_in_the_projects_environment(project, pins):
    """Found as its .venv, served by its own uvicorn, with the probe last on the path."""
    (project / ".venv").symlink_to(pins)
    checked, seen = check(project)
    own = str(project / ".venv" / "bin" / "python")
    assert seen["python"] == own
    assert seen["uvicorn"] == "0.22.0"
    assert seen["probe"] == ["neverblock_probe"]
    assert seen["path"][-1].endswith("along/probe/site-packages")
    assert not seen["pythonpath"]
    line = "of .venv/bin/python (found in the project); the app is served by "
    line += "the uvicorn 0.22.0 that is installed there."
    assert line in checked.said.stderr
    found = checked.run["environment"]
    assert found["interpreter"] == ".venv/bin/python (found in the project)"
    assert found["tool_python"] == found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["packages"]["fastapi"] == "0.100.0"
    assert found["packages"]["uvicorn"] == "0.22.0"
    assert found["packages"]["neverblock"] == version("neverblock")
    assert found["tier"] == "linux"


def test_an_app_without_uvicorn_is_served_by_ours(project, pins):
    """Last on its path, before the probe; a neverblock that is there already is not asked."""
    environment = bare(project / "env", pins)
    checked, seen = check(project, "--python", "env")
    assert seen["uvicorn"] == version("uvicorn")
    assert [Path(one).parent.name for one in seen["path"][-2:]] == ["uvicorn", "probe"]
    assert Path(seen["path"][-3]) == packages_of(environment)
    assert "(named by --python)" in checked.said.stderr
    assert f"neverblock's {version('uvicorn')} serves the app" in checked.said.stderr
    assert checked.run["environment"]["packages"]["uvicorn"].endswith(", neverblock's")


@pytest.mark.parametrize(
    "command", ["uvicorn {app} --port {port}", "python manage.py {app} {port}"]
)
def test_a_command_is_the_projects_own(project, pins, command):
    """Its scripts come first on the PATH, and find the probe last on the path."""
    (project / "manage.py").write_text(
        "import sys\nimport uvicorn\nuvicorn.run(sys.argv[1], port=int(sys.argv[2]))\n"
    )
    (project / "pyproject.toml").write_text(f'[tool.neverblock]\npython = "{pins}"\n')
    checked, seen = check(project, "--cmd", command)
    assert seen["python"] == str(pins / "bin" / "python")
    assert seen["uvicorn"] == "0.22.0"
    assert seen["path"][-1].endswith("along/probe/site-packages")
    assert "(named by [tool.neverblock]); --cmd serves there." in checked.said.stderr


HOOK = """
import httpx
import pydantic

async def log_in(client):
    return {"headers": {"x-versions": f"{httpx.__version__} {pydantic.VERSION}"}}
"""


@pytest.mark.parametrize("without", [False, True], ids=["with httpx", "without httpx"])
def test_the_login_function_runs_in_the_apps_environment(tmp_path, pins, without):
    """What it imports is the project's; httpx is, where the project has it, and ours otherwise."""
    (tmp_path / "hook.py").write_text(HOOK)
    environment = bare(tmp_path / "env", pins) if without else pins
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    python = find_interpreter(tmp_path, environ, option=str(environment))
    target = Target("main:app", tmp_path, python=python, env={"PYTHONPATH": ""})
    added = asyncio.run(run_setup("hook:log_in", "http://127.0.0.1:1", target))
    httpx = version("httpx") if without else "0.23.3"
    assert added.headers == {"x-versions": f"{httpx} {version_of(pins, 'pydantic')}"}
