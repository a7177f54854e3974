"""The reference app as a test drives it: in process, its lifespan really run, at a small scale."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from needs import need

from target_app import pairs, settings
from target_app.main import create_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio alone, as the app is served."""
    return "asyncio"


@pytest.fixture(autouse=True)
def small_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shrink every wait to 20 ms."""
    monkeypatch.setenv("NEVERBLOCK_SCALE", "0.02")
    monkeypatch.delenv("NEVERBLOCK_PAIRS", raising=False)


@pytest.fixture
def supply(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give a function that puts what the pairs named need into the environment, or skips."""

    def supply(*names: str) -> None:
        needs = {service for name in names for service in pairs.load(name).PAIR.needs}
        for service in sorted(needs):
            found = need(request.getfixturevalue("services"), service)
            monkeypatch.setenv(settings.variable(service), found.url)

    return supply


@pytest.fixture
def serve(supply: Callable[..., None]) -> Callable[..., object]:
    """Give a function that serves the pairs named and gives a client, as a context."""

    @asynccontextmanager
    async def serve(*names: str) -> AsyncIterator[httpx.AsyncClient]:
        supply(*names)
        app = create_app(names)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://app", timeout=60) as client,
        ):
            yield client

    return serve
