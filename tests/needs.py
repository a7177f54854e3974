"""What a test does without a service it needs: skip, or fail where all must be there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import pytest

from neverblock.probe.internals import has_gil
from neverblock.reference.services import Provided

if TYPE_CHECKING:
    from neverblock.reference.services import Missing


of_the_gil = pytest.mark.skipif(not has_gil(), reason="this Python has no GIL")
"""For a test of what a GIL does, or of what only a GIL lets the probe read."""


def need(services: dict[str, Provided | Missing], name: str) -> Provided:
    """Give the service, or skip with the reason; a failure under NEVERBLOCK_REQUIRE_ALL=1."""
    service = services[name]
    if not isinstance(service, Provided):
        absent(f"{name} is missing: {service.reason}. {service.hint}")
    return service


def absent(complaint: str) -> NoReturn:
    """Skip with the complaint; a failure under NEVERBLOCK_REQUIRE_ALL=1."""
    if os.environ.get("NEVERBLOCK_REQUIRE_ALL") == "1":
        pytest.fail(complaint)
    pytest.skip(complaint)
