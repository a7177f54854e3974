"""The real services, and the part of the suite that each test belongs to.

Its place also puts this folder on the path, so that every test can import ``canned`` and ``needs``.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from meanwhile import Meanwhile
from parts import PARTS, TESTS, parts_of

from neverblock.reference.services import SERVICES, Missing, Provided, provide

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE_WORKER = {"services": "services", "target_app": "services", "browser": "browser"}
"""By folder: what all its files share, started once, or too heavy to have several of."""

WATCHED = pytest.StashKey[Meanwhile]()


def pytest_configure(config: pytest.Config) -> None:
    """Know the parts; hear Ctrl-C, which what a shell puts into the background ignores.

    The environment that runs the tests is the active one, as for whoever types `pytest` in it.
    Bytecode is kept, whatever is said of it outside: the tests start hundreds of processes, each of
    which would compile the same sources, for a third of its time.
    """
    for part in PARTS:
        config.addinivalue_line("markers", f"{part.name}: {part.why}")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    os.environ["VIRTUAL_ENV"] = sys.prefix  # apps of this folder are served by what runs the tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its part."""
    for item in items:
        parts = parts_of(item.path)
        if len(parts) != 1:
            told = f"{item.path} is in {len(parts)} parts. Name it once in tests/parts.py."
            raise pytest.UsageError(told)
        item.add_marker(parts[0].name)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give what keeps a file, or folders that share something, on one worker: `--dist loadgroup`.

    By what the workers call each test, and not by pytest-xdist's own marks: 3.8 puts a group into a
    private name that pytest 9.2 does not read any more, so that every test would go its own way.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - where it is asked for

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = (config.rootpath / nodeid.partition("::")[0]).relative_to(TESTS)
            return ONE_WORKER.get(file.parts[0], str(file))

    return ByFile(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Watch the machine during the test, and during its file, whose fixtures measure as well."""
    item.stash[WATCHED] = Meanwhile()
    item.getparent(pytest.Module).stash.setdefault(WATCHED, Meanwhile())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Say what the machine did meanwhile where a test failed that more than its code decides."""
    report = yield
    if report.failed and not item.get_closest_marker("pure"):
        watched = {"the test": item, "its file so far": item.getparent(pytest.Module)}
        told = "\n".join(f"{name}, {node.stash[WATCHED]}" for name, node in watched.items())
        report.sections.append(("what the machine did meanwhile", told))
    return report


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, Provided | Missing]]:
    """All services, started side by side once and stopped with the session."""
    with provide(tuple(SERVICES)) as found:
        yield found
