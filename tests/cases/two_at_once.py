"""Every app's check in a process beside another's, and once more alone where that left doubt."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Self

from cases_check import check, present
from in_process import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cases_truth import App, Case

AT_ONCE = 2
"""Most endpoints wait more than they compute: a machine of two cores has time for two of them."""


def said(arguments: Sequence[str], folder: Path, env: dict[str, str]) -> str:
    """Run the command in the process that this is called in; give what it said of how it went."""
    return say(*arguments, folder=folder, **env).stderr


def check_here(app: App) -> dict[str, Any]:
    """Check an app in this process; give what the run's file says."""
    return check(app, said)


def by_name(run: Mapping[str, Any]) -> dict[str, Any]:
    """Give a run's results by the names of their endpoints."""
    return {result["endpoint"]["name"]: result for result in run["results"]}


def in_doubt(app: App, results: Mapping[str, Any]) -> list[Case]:
    """Give the endpoints that should have got a verdict and got none."""
    return [
        case
        for case in app.cases
        if present(case)
        and case.name in results
        and results[case.name]["verdict"] == "inconclusive" not in case.verdicts
    ]


class Checks:
    """The checks of all apps, begun at once; to be used in a ``with`` block."""

    def __init__(self, apps: Mapping[str, App]) -> None:
        """Begin with the first of them."""
        self._apps = apps
        self._pool = ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn"))
        self._runs = {name: self._begin(app) for name, app in apps.items()}
        self._results: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        """Give this."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for what was begun, and drop the rest."""
        self._pool.shutdown(cancel_futures=True)

    def run(self, module: str) -> dict[str, Any]:
        """Give the run of an app, once it is there."""
        return self._runs[module].result()

    def results(self, module: str) -> dict[str, Any]:
        """Give an app's results by name: of its run, and of one alone for those left in doubt."""
        if module not in self._results:
            found = by_name(self.run(module))
            if doubtful := in_doubt(self._apps[module], found):
                wait(self._runs.values())
                alone = by_name(self._begin(self._apps[module]).result())
                found |= {case.name: alone[case.name] for case in doubtful}
            self._results[module] = found
        return self._results[module]

    def _begin(self, app: App) -> Future[dict[str, Any]]:
        return self._pool.submit(check_here, app)
