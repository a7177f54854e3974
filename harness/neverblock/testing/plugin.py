"""The pytest plugin: a fixture, a marker, a few ini options and ``--neverblock-report``.

Installed with the package and inert until used: nothing of the harness is imported before a test
asks for the fixture.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.testing.client import MeasuringProcess
    from neverblock.testing.fixture import Checker

INI = {
    "n": "requests at once, 10 by default",
    "loop_limit": "longest computation that may hold the loop, 50ms by default",
    "deadline": "the longest that one request may take, 30s by default",
    "start_timeout": "the longest that the app's start may take, 60s by default",
}
RUNS = pytest.StashKey[list[Any]]()
"""The runs of this session's measuring processes, and of the sessions beside it."""

MESSAGE = pytest.StashKey[str]()
"""What became of the report."""


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
        "neverblock(n=10, loop_limit='50ms', deadline='30s', start_timeout='60s'): "
        "the limits of this test's checks",
    )
    config.stash[RUNS] = []


@pytest.fixture(scope="session")
def _neverblock_process(request: pytest.FixtureRequest) -> Iterator[MeasuringProcess]:
    """Keep one measuring process for the session; it starts with the first check."""
    from neverblock.testing.client import MeasuringProcess  # noqa: PLC0415 - inert until used

    with MeasuringProcess() as process:
        request.config.stash[RUNS] = process.runs
        yield process


@pytest.fixture
def neverblock(request: pytest.FixtureRequest, _neverblock_process: MeasuringProcess) -> Checker:
    """Check that endpoints keep the event loop free: ``neverblock.check(app, "GET /users/1")``."""
    from neverblock.errors import UsageError  # noqa: PLC0415 - inert until used
    from neverblock.testing.fixture import Checker  # noqa: PLC0415 - the same
    from neverblock.testing.limits import marked, of_ini  # noqa: PLC0415 - the same
    from neverblock.testing.project import project_of  # noqa: PLC0415 - the same

    root = request.config.rootpath
    ini = {name: request.config.getini(f"neverblock_{name}") for name in INI}
    marks = [(mark.args, mark.kwargs) for mark in request.node.iter_markers("neverblock")]
    try:
        return Checker(_neverblock_process, project_of(root), of_ini(ini), marked(marks), root)
    except UsageError as error:
        complaint = f"{error}"
    pytest.fail(complaint, pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the report of the session, or hand it to the one that writes for all."""
    config = session.config
    folder, runs = config.getoption("--neverblock-report"), config.stash[RUNS]
    if folder is None:
        return
    if not runs:
        config.stash[MESSAGE] = "no report was written: no test of this session made a check"
        return
    from neverblock.errors import StoreError  # noqa: PLC0415 - only where asked for
    from neverblock.testing.report import encoded, write_report  # noqa: PLC0415 - the same

    if hasattr(config, "workeroutput"):
        config.workeroutput["neverblock"] = [encoded(run) for run in runs]
        return
    try:
        config.stash[MESSAGE] = write_report(runs, folder)
    except StoreError as error:
        pytest.exit(f"{error}", returncode=error.exit_code)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say where the report is."""
    if message := config.stash.get(MESSAGE, None):
        terminalreporter.write_line(f"neverblock: {message}")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a session beside this one measured (pytest-xdist)."""
    if runs := getattr(node, "workeroutput", {}).get("neverblock"):
        from neverblock.testing.report import decoded  # noqa: PLC0415 - only where asked for

        node.config.stash[RUNS].extend(map(decoded, runs))
