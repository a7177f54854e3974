"""The saved runs of a folder, newest first, and how each endpoint did from run to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.errors import StoreError
from neverblock.storage import run_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from neverblock.model import Verdict
    from neverblock.result import Run


@dataclass(frozen=True, slots=True)
class Point:
    """One endpoint in one run: its verdict, the wall over its serial bound, and others' wait.

    ``share`` is free of scale: 1 is one after another, 1/n the ideal. Both figures are None where
    nothing was measured.
    """

    run: str
    verdict: Verdict
    share: float | None
    others_waited_s: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """One endpoint of a target under one scenario, oldest run first."""

    target: str
    endpoint: str
    scenario: str
    points: tuple[Point, ...]


class RunHistory:
    """The runs below a folder; each is read once, and again only when its file has changed."""

    def __init__(self, reports: Path) -> None:
        """Take the folder; it may come to be later."""
        self._reports = reports
        self._read: dict[str, tuple[int, Run | StoreError]] = {}

    def runs(self) -> dict[str, Run | StoreError]:
        """Give all runs by the name of their folder, newest first; what cannot be read says why.

        Runs of equal age are ordered by name.
        """
        read: dict[str, tuple[int, Run | StoreError]] = {}
        for path in sorted(self._reports.glob(f"*/{run_file.RUN_FILE}")):
            name = path.parent.name
            # a link would show a file of somewhere else, and a pipe would never end
            if path.parent.is_symlink() or path.is_symlink() or not path.is_file():
                continue
            changed_ns = path.stat().st_mtime_ns
            known = self._read.get(name)
            read[name] = known if known and known[0] == changed_ns else (changed_ns, _load(path))
        self._read = read
        runs = {name: run for name, (_, run) in read.items()}
        return dict(sorted(runs.items(), key=_age, reverse=True))


def _load(path: Path) -> Run | StoreError:
    try:
        return run_file.load(path)
    except StoreError as error:
        return error


def _age(named: tuple[str, Run | StoreError]) -> tuple[str, str]:
    name, run = named
    return ("" if isinstance(run, StoreError) else run.started_at, name)


def trends(runs: Iterable[tuple[str, Run]]) -> list[Trend]:
    """Follow each endpoint through the runs, given newest first.

    An endpoint is followed under the first scenario of the newest run that has it.
    """
    scenarios: dict[tuple[str, str], str] = {}
    points: dict[tuple[str, str], list[Point]] = {}
    for name, run in runs:
        for result in run.results:
            key = (run.target, result.endpoint.name)
            if scenarios.setdefault(key, result.scenario.name) != result.scenario.name:
                continue
            m = result.measurement
            points.setdefault(key, []).append(
                Point(
                    name,
                    result.judgement.verdict,
                    m.wall_s / m.serial_bound_s if m and m.serial_bound_s else None,
                    m.canary.longest_s if m else None,
                )
            )
    return [
        Trend(target, endpoint, scenarios[target, endpoint], tuple(reversed(followed)))
        for (target, endpoint), followed in points.items()
    ]
