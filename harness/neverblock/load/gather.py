"""The reference documentation's own way to fire: httpx and ``asyncio.gather``, in this process."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import TYPE_CHECKING, Self

import httpx

from neverblock.errors import EngineError, UsageError
from neverblock.load import UNWATCHED
from neverblock.load.client_lag import LagMeter
from neverblock.load.empty_answer import LONGEST_EMPTY, is_empty
from neverblock.load.failure_text import reason_of
from neverblock.load.gc_off import gc_off
from neverblock.load.http_client import open_client
from neverblock.model import Burst, Record

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from neverblock.model import Request, Scenario


LARGEST = 64 * 2**20
"""Bytes of a response; with a larger one the client's own work would dominate."""

TOO_LARGE = "answer larger than 64 MiB"


class GatherEngine:
    """Fires bursts from one event loop; keeps one client, with its connections, per server."""

    def __init__(self) -> None:
        """Start without any client; the first burst at a server opens it."""
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def __aenter__(self) -> Self:
        """Give the engine; clients are opened when they are needed."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close all connections."""
        while self._clients:
            _, client = self._clients.popitem()
            await client.aclose()

    async def fire(
        self,
        base_url: str,
        request: Request,
        scenario: Scenario,
        *,
        timeout_s: float,
        canary_path: str,
        watched: AbstractAsyncContextManager[object] = UNWATCHED,
    ) -> Burst:
        """Fire ``scenario.n`` requests together; see ``Engine.fire``.

        Raises UsageError for a scenario with a duration, which needs users in a closed loop, and
        EngineError for a request that cannot be sent.
        """
        if scenario.duration_s is not None:
            raise UsageError(
                f"The gather engine fires bursts only; {scenario.name!r} lasts for"
                f" {scenario.duration_s} s.",
                "Give the scenario engine='locust' and a locustfile.",
            )
        if base_url not in self._clients:
            self._clients[base_url] = open_client(base_url)
        client = self._clients[base_url]
        requests = [build(client, request) for _ in range(scenario.n)]
        async with watched:
            with gc_off:
                await open_connections(client, canary_path, scenario.n, timeout_s)
                loop = asyncio.get_running_loop()
                with LagMeter(lambda after_s, tick: loop.call_later(after_s, tick).cancel) as meter:
                    records = await asyncio.gather(
                        *(send(client, one, seq, timeout_s) for seq, one in enumerate(requests))
                    )
        return Burst(records=tuple(records), client=meter.health)


def build(client: httpx.AsyncClient, request: Request) -> httpx.Request:
    """Give a request as the client sends it. Raises EngineError for one that cannot be sent."""
    try:
        return client.build_request(
            request.method, request.path, headers=request.headers, content=request.content
        )
    except (httpx.InvalidURL, ValueError) as error:
        raise EngineError(
            f"{request.method} {request.path!r} is no request that can be sent: {error}.",
            "Correct its path or headers, or leave it out by exclude.",
        ) from error


async def open_connections(
    client: httpx.AsyncClient, canary_path: str, n: int, timeout_s: float
) -> None:
    """Have n connections accepted by the server and answered once.

    All n requests are sent before the first response frees a connection for another. An error here
    happens again in the burst, and is recorded there.
    """

    async def open_one() -> None:
        async with asyncio.timeout(timeout_s):
            await client.get(canary_path)

    await asyncio.gather(*(open_one() for _ in range(n)), return_exceptions=True)


async def send(
    client: httpx.AsyncClient,
    request: httpx.Request,
    seq: int,
    timeout_s: float,
) -> Record:
    """Send one request and read its answer to the end, keeping a digest and whether it is empty."""
    digest, size, head = hashlib.sha256(), 0, b""
    first_byte_s, status, error = None, None, None
    sent_s = time.monotonic()
    try:
        async with asyncio.timeout(timeout_s):
            response = await client.send(request, stream=True)
            first_byte_s = time.monotonic()
            try:
                async for chunk in response.aiter_bytes():
                    digest.update(chunk)
                    size += len(chunk)
                    if size <= LONGEST_EMPTY:
                        head += chunk
                    if size > LARGEST:
                        error = TOO_LARGE
                        break
            finally:
                await response.aclose()
        status = response.status_code
    except (httpx.HTTPError, OSError) as failure:
        error = reason_of(failure, timeout_s)
    done_s = time.monotonic()
    return Record(
        seq=seq,
        sent_s=sent_s,
        first_byte_s=first_byte_s,
        done_s=done_s,
        status=status,
        error=error,
        answer=digest.hexdigest()[:16] if error is None else None,
        empty=error is None and size <= LONGEST_EMPTY and is_empty(head),
    )
