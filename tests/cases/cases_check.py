"""``neverblock check`` on one of the apps, with what its endpoints need."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from cases_truth import INSTALLED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cases_truth import App, Case

LONGEST_S = 600
"""Many times what an app takes: a check that hangs must end."""


def present(case: Case) -> bool:
    """Whether the package that an endpoint needs is installed."""
    return case.needs is None or find_spec(case.needs) is not None


def check(app: App, run: Callable[[Sequence[str], Path, dict[str, str]], str]) -> dict[str, Any]:
    """Check an app; give what the run's file says.

    ``run`` takes the command's arguments, a folder and the environment, and gives what it said.
    Raises RuntimeError where no run was saved.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").write_text(configuration(app, folder), encoding="utf-8")
        saved = folder / "run.json"
        target = (f"{app.module}:app", "--app-dir", str(app.folder))
        kept = ("--json", str(saved), "--reports", str(folder / "reports"))
        said = run(("check", *target, *kept), folder, environment(folder) | app.env)
        if not saved.exists():
            raise RuntimeError(f"{app.module}: no run was saved. {said[-2000:]}")
        found: dict[str, Any] = json.loads(saved.read_text(encoding="utf-8"))
        return found


def as_typed(
    arguments: Sequence[str], folder: Path, env: dict[str, str], prefix: Sequence[str] = ()
) -> str:
    """Run the command behind a prefix to its end, or end it and its children; give what it said."""
    process = subprocess.Popen(
        [*prefix, sys.executable, "-m", "neverblock", *arguments],
        cwd=folder,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        return process.communicate(timeout=LONGEST_S)[0]
    except BaseException:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.communicate()
        raise


def environment(folder: Path) -> dict[str, str]:
    """Give the variables of a check, which make the packages of ``INSTALLED`` seem installed."""
    packages = folder / "lib" / "site-packages"
    if not packages.exists():
        shutil.copytree(INSTALLED, packages, ignore=shutil.ignore_patterns("__pycache__"))
    own = [
        str(Path(path).resolve()) for path in os.environ.get("PYTHONPATH", "").split(":") if path
    ]
    path = os.pathsep.join([*own, str(packages)])
    return {"PYTHONPATH": path, "COLUMNS": "120", "TERM": "dumb"}


def configuration(app: App, folder: Path) -> str:
    """Give the ``pyproject.toml`` for an app; bodies are written into the folder."""
    lines = ["[tool.neverblock]", f"app = {json.dumps(f'{app.module}:app')}"]
    for case in filter(present, app.cases):
        entry = [f"{key} = {json.dumps(value)}" for key, value in asked(case, folder).items()]
        if case.path:
            values = ", ".join(f"{key} = {json.dumps(value)}" for key, value in case.path.items())
            entry.append(f"path = {{ {values} }}")
        if case.upload_bytes:
            entry.append(f"files = {{ file = {json.dumps(str(body(case.upload_bytes, folder)))} }}")
        if entry:
            lines += ["", "[[tool.neverblock.endpoint]]", f"name = {json.dumps(case.name)}", *entry]
    return "\n".join(lines) + "\n"


def asked(case: Case, folder: Path) -> dict[str, str]:
    """Give the keys of an endpoint's table for its body, if it has one."""
    if not case.body_bytes:
        return {}
    file = str(body(case.body_bytes, folder))
    return {"file": file, "content-type": "application/octet-stream"}


def body(size: int, folder: Path) -> Path:
    """Write a file of this many bytes, which no compression makes smaller; give its path."""
    file = folder / f"body-{size}.bin"
    if not file.exists():
        file.write_bytes(os.urandom(size))
    return file
