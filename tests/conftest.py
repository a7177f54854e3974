"""The real services, for tests of every area. Its place also puts this folder on the path.

So that every test can import ``canned`` and ``needs``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.services import SERVICES, Missing, Provided, provide

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, Provided | Missing]]:
    """All services, started side by side once and stopped with the session."""
    with provide(tuple(SERVICES)) as found:
        yield found
