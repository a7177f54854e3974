"""``neverblock check`` on one of the apps, as a user types it, with what its endpoints need."""

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
    from collections.abc import Sequence

    from cases_truth import App, Case

LONGEST_S = 600
"""Many times what an app takes: a check that hangs must end."""


def present(case: Case) -> bool:
    """Whether the package that an endpoint needs is installed."""
    return case.needs is None or find_spec(case.needs) is not None


def check(app: App, prefix: Sequence[str] = ()) -> dict[str, Any]:
    """Check an app, the command being put behind ``prefix``; give what the run's file says.

    Raises RuntimeError where no run was saved.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").write_text(configuration(app, folder), encoding="utf-8")
        saved = folder / "run.json"
        target = (f"{app.module}:app", "--app-dir", str(app.folder))
        kept = ("--json", str(saved), "--reports", str(folder / "reports"))
        command = [*prefix, sys.executable, "-m", "neverblock", "check", *target, *kept]
        said = finished(command, folder, environment(folder) | app.env)
        if not saved.exists():
            raise RuntimeError(f"{app.module}: no run was saved. {said[-2000:]}")
        run: dict[str, Any] = json.loads(saved.read_text(encoding="utf-8"))
        return run


def finished(command: Sequence[str], folder: Path, env: dict[str, str]) -> str:
    """Run a command to its end, or end it and its children; give what it said."""
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
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
    """Give the environment of a check, with the packages of ``INSTALLED`` as if installed."""
    packages = folder / "lib" / "site-packages"
    if not packages.exists():
        shutil.copytree(INSTALLED, packages, ignore=shutil.ignore_patterns("__pycache__"))
    own = [
        str(Path(path).resolve()) for path in os.environ.get("PYTHONPATH", "").split(":") if path
    ]
    path = os.pathsep.join([*own, str(packages)])
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "120", "TERM": "dumb"}


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
