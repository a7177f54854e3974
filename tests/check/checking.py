"""``neverblock check`` with a user's words, and what it saved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from in_process import say

APPS = Path(__file__).parent / "apps"


class Checked:
    """A check that was made: its exit code, what it said, and the run."""

    def __init__(self, folder: Path, *arguments: object, env: dict[str, str] | None = None) -> None:
        """Check in a folder, with these arguments after ``check``."""
        self.folder = folder
        kept = ("--reports", folder / "reports", "--json", folder / "run.json")
        self.said = self.run_command("check", *arguments, *kept, folder=folder, **(env or {}))
        file = folder / "run.json"
        self.run = json.loads(file.read_text()) if file.exists() else None

    run_command = staticmethod(say)

    @property
    def code(self):
        """The exit code."""
        return self.said.returncode

    @property
    def results(self):
        """Results by the endpoint's name."""
        return {result["endpoint"]["name"]: result for result in self.run["results"]}

    @property
    def diagnoses(self):
        """Diagnoses by the endpoint's name."""
        return {name: result["diagnosis"] for name, result in self.results.items()}

    @property
    def found(self):
        """What is wrong by the endpoint's name, and "pass": what limits a pass may be noise."""
        return {
            name: "pass" if result["verdict"] == "pass" else result["diagnosis"]
            for name, result in self.results.items()
        }

    @property
    def unchecked(self):
        """Reasons by the endpoint's name."""
        return {f"{one['method']} {one['path']}": one["reason"] for one in self.run["unchecked"]}


def marked(app: str, mark: str) -> int:
    """Give the number of the line that carries a mark."""
    lines = (APPS / f"{app}.py").read_text().splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.endswith(f"# mark: {mark}"))


class CheckedApart(Checked):
    """The same in a process of its own: for what a process finds out once and keeps."""

    @staticmethod
    def run_command(
        *arguments: object, folder: Path, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run ``neverblock`` in a folder; give its exit code and both outputs."""
        return subprocess.run(
            [sys.executable, "-m", "neverblock", *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "COLUMNS": "120", "TERM": "dumb", **env},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
