"""Requests that come at a steady rate whatever becomes of those before: an open loop."""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import TYPE_CHECKING

from neverblock.load.gather import build, send
from neverblock.load.http_client import open_client
from neverblock.model import UserRequest

if TYPE_CHECKING:
    from neverblock.model import Request

SEED = 1978
"""The same arrivals in every run, so that two runs differ by what answers them."""


async def arrive(
    base_url: str, request: Request, rate_per_s: float, for_s: float, timeout_s: float
) -> list[UserRequest]:
    """Send requests at random instants, as independent users do, at a rate on average.

    Each begins when it was due: what the generator is late by counts as well. The arrivals end
    after ``for_s``, and the answers are awaited. Raises EngineError where it cannot be sent.
    """
    async with open_client(base_url) as client:
        ready = build(client, request)
        random, began_s = Random(SEED), time.monotonic()  # noqa: S311 - arrivals, no secret
        asked: list[asyncio.Task[UserRequest]] = []

        async def ask(due_s: float, number: int) -> UserRequest:
            record = await send(client, ready, number, timeout_s)
            failed = record.error or (None if record.ok else f"status {record.status}")
            return UserRequest("", due_s, record.done_s, failed)

        due_s = began_s + random.expovariate(rate_per_s)
        while due_s < began_s + for_s:
            if (early_s := due_s - time.monotonic()) > 0:
                await asyncio.sleep(early_s)
            asked.append(asyncio.create_task(ask(due_s, len(asked))))
            due_s += random.expovariate(rate_per_s)
        try:
            return list(await asyncio.gather(*asked))
        finally:
            for task in asked:
                task.cancel()
