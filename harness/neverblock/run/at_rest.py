"""The probe at rest while a rate is measured, which it would lower, and awake to say why."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import httpx

from neverblock.probe.config import WATCH_PATH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from neverblock.observe.window import Observer


def at_rest(observer: Observer) -> AbstractAsyncContextManager[None]:
    """Have the probe of a server rest while the context lasts."""
    return _meanwhile(observer, "rest", "resume")


def awake(observer: Observer) -> AbstractAsyncContextManager[None]:
    """Have a probe that rests watch while the context lasts."""
    return _meanwhile(observer, "resume", "rest")


@asynccontextmanager
async def _meanwhile(observer: Observer, what: str, afterwards: str) -> AsyncIterator[None]:
    await _ask(observer, what)
    try:
        yield
    finally:
        await _ask(observer, afterwards)


async def _ask(observer: Observer, what: str) -> None:
    """Ask for rest or for its end; a server that ended has no probe any more, and a URL none."""
    if not observer.probed:
        return
    base_url = observer.server.base_url
    with suppress(httpx.TransportError):
        async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=None) as client:  # noqa: S113 - a loop that is held answers late
            await client.post(f"{WATCH_PATH}?{what}")
