"""One server per event loop, shared by the tests of what the probe sees."""

from __future__ import annotations

import pytest
from serving import served


@pytest.fixture(scope="session", params=["asyncio", "uvloop"])
def server(request, tmp_path_factory):
    """Serve the app of known lines under uvicorn, on each of the event loops."""
    if request.param == "uvloop":
        pytest.importorskip("uvloop")
    with served(request.param, tmp_path_factory.mktemp("trace")) as running:
        running.get("/trivial")
        yield running
