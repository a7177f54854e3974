"""One look at an endpoint that did not answer as it should, to say why."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from neverblock.load.http_client import open_client

if TYPE_CHECKING:
    from neverblock.model import Request

PATIENCE_S = 5.0
LOOKED_AT = 2048
"""Bytes of the answer's body."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answered: ``status`` is None where no answer began."""

    status: int | None
    headers: dict[str, str]
    text: str


async def look(base_url: str, request: Request) -> Answer:
    """Ask once more and keep the head of the answer and the beginning of its body."""
    body = b""
    async with open_client(base_url) as client:
        try:
            async with (
                asyncio.timeout(PATIENCE_S),
                client.stream(
                    request.method,
                    request.path,
                    headers=request.headers,
                    content=request.content,
                ) as response,
            ):
                status, headers = response.status_code, dict(response.headers)
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) >= LOOKED_AT:
                        break
        except (httpx.HTTPError, OSError):
            if not body:
                return Answer(None, {}, "")
    return Answer(status, headers, body[:LOOKED_AT].decode(errors="replace"))
