"""Plans on small apps of this folder, and the command as a user types it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from neverblock.model import Diagnosis, Endpoint, Expectation, Request, Scenario, Verdict
from neverblock.plan import Group, Plan, Subject, Target
from neverblock.result import Criterion
from target_app import pairs

if TYPE_CHECKING:
    import subprocess

APPS = Path(__file__).parent / "apps"
PROJECT = Path(__file__).parents[2]
GATHER = Scenario("gather", "gather", "gather", n=10)
GATE_WITHIN_S = 420
"""All scenarios at the quick scale take a minute on two quiet cores, and a few on busy ones."""

SCENARIOS = ("gather", "burst", "crowd")
PROMISED = {
    (f"{pair.name}/{variant}", scenario)
    for pair in pairs.catalog()
    for variant in pair.variants
    for scenario in (SCENARIOS[:1] if pair.computes else SCENARIOS)
}
"""Each variant under each scenario that it is measured under: what computes, under one."""

BLOCKS = Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO)
FREE = Expectation(Verdict.PASS, Diagnosis.CONCURRENT)


def subject(path, expected=None):
    """One endpoint of an app in this folder."""
    return Subject(
        Endpoint(path, "GET", path, pair="pair", variant=path), Request("GET", path), expected
    )


def plan(*subjects, app="awkward:app", deadline_s=5.0):
    """One group with these endpoints."""
    return Plan(
        target=Target(app, APPS, loop="asyncio"),
        groups=(Group("group", subjects),),
        scenarios=(GATHER,),
        criterion=Criterion(),
        deadline_s=deadline_s,
    )


def leftovers():
    """Servers of this process that still live."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "uvicorn_child" in " ".join(child.cmdline())
    ]


def command(*arguments):
    """Give the command line as a user types it."""
    return [sys.executable, "-m", "neverblock", *map(str, arguments)]


def reports(arguments, folder):
    """Where a run's report goes, for the commands that write one."""
    return ["--reports", str(folder)] if arguments[0] in {"run", "report"} else []


@dataclass(frozen=True)
class Done:
    """A run that was made: its folder of reports, and what the command said."""

    reports: Path
    said: subprocess.CompletedProcess[str]

    @property
    def folder(self):
        """The one folder below the reports that belongs to the run."""
        (folder,) = self.reports.glob("*Z")
        return folder

    @property
    def saved(self):
        """What was saved of it."""
        return json.loads((self.folder / "run.json").read_text())
