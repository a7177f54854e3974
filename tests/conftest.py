"""The real services, for tests of every area. Its place also puts this folder on the path.

So that every test can import ``canned`` and ``needs``.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from neverblock.reference.services import SERVICES, Missing, Provided, provide

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_configure() -> None:
    """Hear Ctrl-C: what a shell puts into the background ignores it, and so do its children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, Provided | Missing]]:
    """All services, started side by side once and stopped with the session."""
    with provide(tuple(SERVICES)) as found:
        yield found
