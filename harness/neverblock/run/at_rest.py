"""The probe at rest while a rate is measured, which it would lower, and awake to say why."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import httpx

from neverblock.probe.config import WATCH_PATH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from neverblock.observe.window import Observer


@asynccontextmanager
async def at_rest(observer: Observer) -> AsyncIterator[None]:
    """Have the probe of a server rest while the context lasts."""
    await rest(observer)
    try:
        yield
    finally:
        await resume(observer)


async def rest(observer: Observer) -> float | None:
    """Have a probe rest; give the instant from which on it does, None where there is no probe."""
    return await _ask(observer, "rest")


async def resume(observer: Observer) -> float | None:
    """Have a probe that rests watch again; give the instant, None where there is no probe."""
    return await _ask(observer, "resume")


async def _ask(observer: Observer, what: str) -> float | None:
    """Give the server's own instant, which may be long after the question: its loop may be held.

    A server that ended has no probe any more, and a URL none.
    """
    if not observer.probed:
        return None
    base_url = observer.server.base_url
    with suppress(httpx.TransportError):
        async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=None) as client:  # noqa: S113 - a loop that is held answers late
            answer = await client.post(f"{WATCH_PATH}?{what}")
            return float(answer.text) if answer.is_success else None
    return None
