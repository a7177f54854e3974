"""The pytest plugin: a fixture, a marker, three ini options and ``--neverblock-report``.

Installed with the package and inert until used: nothing of the harness is imported before a test
asks for the fixture.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.testing.client import MeasuringProcess
    from harness.testing.fixture import Checker
    from harness.testing.job import Limits

INI = {
    "n": "requests at once, 10 by default",
    "loop_limit": "longest computation that may hold the loop, 50ms by default",
    "deadline": "the longest that one request may take, 30s by default",
}
RUNS = pytest.StashKey[list[Any]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the ini settings."""
    group = parser.getgroup("neverblock", "checks that endpoints keep the event loop free")
    group.addoption(
        "--neverblock-report",
        metavar="DIR",
        type=Path,
        help="write run.json and index.html of all checks of this session there",
    )
    for name, meaning in INI.items():
        parser.addini(f"neverblock_{name}", f"neverblock: {meaning}")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "neverblock(n=10, loop_limit='50ms', deadline='30s'): the limits of this test's checks",
    )
    config.stash[RUNS] = []


@pytest.fixture(scope="session")
def _neverblock_process() -> Iterator[MeasuringProcess]:
    """Keep one measuring process for the session; it starts with the first check."""
    from harness.testing.client import MeasuringProcess  # noqa: PLC0415 - inert until used

    with MeasuringProcess() as process:
        yield process


@pytest.fixture
def neverblock(
    request: pytest.FixtureRequest, _neverblock_process: MeasuringProcess
) -> Iterator[Checker]:
    """Check that endpoints keep the event loop free: ``neverblock.check(app, "GET /users/1")``."""
    from harness.testing.fixture import Checker  # noqa: PLC0415 - inert until used

    config = request.config
    marker = request.node.get_closest_marker("neverblock")
    checker = Checker(
        _neverblock_process, limits(config, marker.kwargs if marker else {}), config.rootpath
    )
    yield checker
    checker.close()
    if checker.run is not None:
        config.stash[RUNS][:] = [checker.run]  # the process gives the session's whole run


def limits(config: pytest.Config, marked: dict[str, Any]) -> Limits:
    """Give the limits of a test: its marker's, else the ini file's, else the project's own.

    Raises UsageError for a name or value that is none.
    """
    import os  # noqa: PLC0415 - with the rest, once a test asks

    from harness.config import load_config  # noqa: PLC0415 - inert until used
    from harness.duration import duration  # noqa: PLC0415 - the same
    from harness.errors import UsageError  # noqa: PLC0415 - the same
    from harness.testing.job import Limits  # noqa: PLC0415 - the same

    if unknown := marked.keys() - INI.keys():
        raise UsageError(
            f"The marker neverblock has no {', '.join(sorted(unknown))}.",
            f"It takes {', '.join(INI)}.",
        )
    said = {name: marked.get(name) or config.getini(f"neverblock_{name}") for name in INI}
    project = load_config(config.rootpath, os.environ)
    try:
        n = int(said["n"] or project.n)
    except ValueError:
        raise UsageError(f"neverblock_n = {said['n']!r} is no number.", "Write 10.") from None
    return Limits(
        n=n,
        loop_limit_s=duration(said["loop_limit"]) if said["loop_limit"] else project.loop_limit_s,
        deadline_s=duration(said["deadline"]) if said["deadline"] else project.deadline_s,
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the report of the session, or hand it to the one that writes for all."""
    config = session.config
    folder, runs = config.getoption("--neverblock-report"), config.stash[RUNS]
    if folder is None or not runs:
        return
    from harness.testing.report import encoded, write_report  # noqa: PLC0415 - only where asked for

    if hasattr(config, "workeroutput"):
        config.workeroutput["neverblock"] = [encoded(run) for run in runs]
    else:
        write_report(runs, folder)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a session beside this one measured (pytest-xdist)."""
    if runs := getattr(node, "workeroutput", {}).get("neverblock"):
        from harness.testing.report import decoded  # noqa: PLC0415 - only where asked for

        node.config.stash[RUNS].extend(map(decoded, runs))
