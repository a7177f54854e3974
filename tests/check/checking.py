"""``neverblock check`` with a user's words, and what it saved."""

from __future__ import annotations

import json
from pathlib import Path

from in_process import say

APPS = Path(__file__).parent / "apps"


class Checked:
    """A check that was made: its exit code, what it said, and the run."""

    def __init__(self, folder: Path, *arguments: object, env: dict[str, str] | None = None) -> None:
        """Check in a folder, with these arguments after ``check``."""
        self.folder = folder
        kept = ("--reports", folder / "reports", "--json", folder / "run.json")
        self.said = say("check", *arguments, *kept, folder=folder, **(env or {}))
        file = folder / "run.json"
        self.run = json.loads(file.read_text()) if file.exists() else None

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
    def unchecked(self):
        """Reasons by the endpoint's name."""
        return {f"{one['method']} {one['path']}": one["reason"] for one in self.run["unchecked"]}


def marked(app: str, mark: str) -> int:
    """Give the number of the line that carries a mark."""
    lines = (APPS / f"{app}.py").read_text().splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.endswith(f"# mark: {mark}"))
